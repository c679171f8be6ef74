import {randomUUID} from "node:crypto";
import {mkdir, open, rm, statfs} from "node:fs/promises";
import {join} from "node:path";
import {type Readable, Transform} from "node:stream";
import {pipeline} from "node:stream/promises";
import type {FastifyInstance, FastifyRequest} from "fastify";
import {beginsAsLog, headBytes} from "../../capture/logs/read-log.ts";
import {canWriteLake} from "../../loaders/lake/state-folder.ts";
import type {Jobs} from "../jobs.ts";
import {answers, type Described, fields} from "../schemas.ts";

export interface CaptureRouteOptions {
  readonly lake: string;
  readonly jobs: Jobs;
  /** Largest capture taken, in bytes as sent. */
  readonly limitBytes: number;
  /** Bytes that must stay free on the lake's disk. */
  readonly floorBytes?: number;
  readonly stallMs?: number;
}

const mostUploads = 4;
/** A sender from whom nothing comes for so long is let go. */
const stallMs = 30_000;

const sendSchema: Described = {
  summary: "Takes a capture or a log of flows as its body, and imports it",
  description:
    "pcap or pcapng, or a log of Zeek, Suricata, NetFlow, IPFIX, NFStream or CICFlowMeter, plain or compressed by gzip or zstd, under any content type.",
  tags: ["captures"],
  querystring: fields({name: {type: "string", maxLength: 1000, description: "name of the capture"}}),
  response: {
    ...answers.accepted,
    ...answers.refused,
    ...answers.busy,
    408: {...answers.error, description: "Nothing came for 30 s"},
    413: {...answers.error, description: "Too large"},
    415: {...answers.error, description: "Neither a capture nor a log of flows"},
    507: {...answers.error, description: "The disk is full"}
  }
};

/** First bytes of what can be imported: pcap in both byte orders and resolutions, pcapng, gzip, zstd. */
const magics = ["a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1", "a1b2cd34", "34cdb2a1", "0a0d0d0a", "1f8b", "28b52ffd"];

/** A capture that is turned away, with the HTTP status that says so. */
class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Folder of captures that are on their way into the lake. */
export const uploadsFolder = (lake: string) => join(lake, ".uploads");

/**
 * `POST /api/captures?name=office.pcapng` with the capture as its body, whatever the content type: writes it under a name
 * of our own and queues its import. The sender's name is a label and never a path.
 */
export async function captureRoutes(server: FastifyInstance, options: CaptureRouteOptions): Promise<void> {
  const {lake, jobs, limitBytes, floorBytes = 512 * 1024 ** 2} = options;
  let uploads = 0;
  // A body is handed on as it comes; only its handler knows how much of it to take.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", (_request, body, done) => done(null, body));

  server.post(
    "/api/captures",
    {schema: sendSchema},
    async (request: FastifyRequest<{Querystring: {name?: string}}>, reply) => {
      if (uploads >= mostUploads)
        return reply
          .code(429)
          .send({error: `${mostUploads} captures are already being uploaded: try again when one has finished`});
      if (!canWriteLake(lake)) return reply.code(403).send({error: "this lake can be read and not written"});
      uploads++;
      const path = join(uploadsFolder(lake), randomUUID());
      try {
        await receive(request, path);
        const job = jobs.import(path, label(request.query.name));
        if (!job) throw new Refused(429, "too many imports are waiting: try again later");
        return reply.code(202).send({run: job.id});
      } catch (error) {
        await rm(path, {force: true});
        if (!(error instanceof Refused)) throw error;
        // The rest of the body is not wanted: closing tells the sender so.
        return reply.code(error.status).header("connection", "close").send({error: error.message});
      } finally {
        uploads--;
      }
    }
  );

  async function receive(request: FastifyRequest, path: string): Promise<void> {
    const announced = Number(request.headers["content-length"] ?? 0);
    const tooLarge = () =>
      new Refused(413, `expected a capture of at most ${limitBytes.toLocaleString("en-US")} bytes, found a larger one`);
    if (announced > limitBytes) throw tooLarge();
    await mkdir(uploadsFolder(lake), {recursive: true, mode: 0o700});
    const {bavail, bsize} = await statfs(uploadsFolder(lake));
    if (bavail * bsize - announced < floorBytes) throw new Refused(507, "not enough space on the lake's disk");
    if (!request.body) throw new Refused(415, "expected a capture or a log of flows, found an empty body");
    let taken = 0;
    const head = Buffer.alloc(headBytes);
    let filled = 0;
    let isKnown = false;
    const isTaken = () => isCapture(head) || beginsAsLog(head.subarray(0, filled));
    const check = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        if ((taken += chunk.length) > limitBytes) return done(tooLarge());
        if (!isKnown) {
          filled += chunk.copy(head, filled);
          isKnown = isCapture(head);
          // A log is told by a line of it, which may be long.
          if (!isKnown && filled === headBytes && !(isKnown = isTaken())) return done(neither());
        }
        done(null, chunk);
      },
      flush: (done) => done(isKnown || isTaken() ? null : neither())
    });
    // Opened before anything can fail: a file that opened later would lie there after it was removed.
    const file = await open(path, "wx", 0o600);
    const stalled = new AbortController();
    const timer = setTimeout(() => stalled.abort(), options.stallMs ?? stallMs);
    check.on("data", () => timer.refresh());
    try {
      await pipeline(request.body as Readable, check, file.createWriteStream(), {signal: stalled.signal});
    } catch (error) {
      throw stalled.signal.aborted ? new Refused(408, "the upload stalled: send the capture again") : error;
    } finally {
      clearTimeout(timer);
    }
  }
}

const neither = () =>
  new Refused(
    415,
    "not a capture and not a log of flows: expected pcap or pcapng, or a log of Zeek, Suricata, NetFlow, IPFIX, NFStream or CICFlowMeter, plain or compressed by gzip or zstd"
  );

function isCapture(head: Buffer): boolean {
  const hex = head.toString("hex", 0, 4);
  return magics.some((magic) => hex.startsWith(magic));
}

/** A name to show: without folders and control characters, of bounded length. */
function label(name: string | undefined): string {
  const base = (name ?? "").split(/[/\\]/).at(-1) ?? "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  const shown = base.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "").slice(0, 200);
  return shown || "capture";
}
