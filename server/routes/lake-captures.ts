import type {FastifyInstance, FastifyReply, FastifyRequest} from "fastify";
import {capturesOf} from "../../capture/partitions/known.ts";
import {parsePart} from "../../capture/partitions/layout.ts";
import {isRunning} from "../../capture/partitions/run.ts";
import {canWriteLake} from "../../loaders/lake/state-folder.ts";
import type {Job, Jobs, LakeCapture} from "../jobs.ts";
import {oneAtATime} from "../one-at-a-time.ts";
import {answers, type Described, fields} from "../schemas.ts";

export interface LakeCaptureOptions {
  readonly lake: string;
  readonly jobs: Jobs;
  /** Wall clock, ms since 1970. */
  readonly now: () => number;
}

const common = {
  tags: ["captures"],
  params: fields({id: {type: "string", pattern: "^[0-9a-f]{1,64}$", description: "SHA-256 of the capture"}}, ["id"]),
  querystring: fields({}),
  response: {
    ...answers.accepted,
    ...answers.refused,
    ...answers.absent,
    ...answers.conflict,
    ...answers.busy,
    403: {...answers.error, description: "The lake cannot be written"}
  }
};

const forgetSchema: Described = {...common, summary: "Takes a capture out of the lake, with all that was made of it"};
const againSchema: Described = {
  ...common,
  summary: "Reads a capture of the lake again, from its file or the lake's own copy",
  body: fields({}, [], true)
};

type OfCapture = FastifyRequest<{Params: {id: string}}>;

/** What is done to captures that the lake has. */
export async function lakeCaptureRoutes(server: FastifyInstance, {lake, jobs, now}: LakeCaptureOptions): Promise<void> {
  // It opens an engine.
  const captures = oneAtATime(() => capturesOf(lake));
  const act = async ({params}: OfCapture, reply: FastifyReply, begin: (capture: LakeCapture) => Job | null) => {
    if (!canWriteLake(lake)) return reply.code(403).send({error: "this lake can be read and not written"});
    const known = (await captures()).find(({capture_sha256}) => capture_sha256 === params.id);
    if (!known) return reply.code(404).send({error: `the lake has no capture ${params.id}`});
    if (isRunning(lake, parsePart(known.part).run, now()))
      return reply.code(409).send({error: "it is still being captured: stop the capture first"});
    const job = begin({sha256: known.capture_sha256, path: known.path});
    return job ? reply.code(202).send({run: job.id}) : reply.code(429).send({error: "too many runs wait"});
  };

  server.delete("/api/captures/:id", {schema: forgetSchema}, (request: OfCapture, reply) =>
    act(request, reply, (capture) => jobs.forget(capture))
  );

  server.post("/api/captures/:id/import", {schema: againSchema}, (request: OfCapture, reply) =>
    act(request, reply, (capture) => jobs.importAgain(capture))
  );
}
