import {PassThrough} from "node:stream";
import type {FastifyInstance, FastifyReply, FastifyRequest} from "fastify";
import {type FlowPacket, readFlowPackets, type WantedFlows} from "../../capture/packets/flow-packets.ts";
import {PcapngWriter} from "../../capture/packets/packet-files.ts";
import {type FlowEnds, summarize} from "../../capture/packets/packet-summary.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import type {ListedPacket, PacketList} from "../../schema/packets.ts";
import {answers, type Described, fields} from "../schemas.ts";

/** What a request for packets may cost. */
export interface PacketLimits {
  /** Packets of a list at most. */
  readonly listed: number;
  /** Capture files larger than this are not read again. */
  readonly fileBytes: number;
  readonly timeoutMs: number;
  /** Requests at work at once. */
  readonly atOnce: number;
}

export const packetLimits: PacketLimits = {listed: 200, fileBytes: 4e9, timeoutMs: 120_000, atOnce: 2};

type Asked = FastifyRequest<{Querystring: {capture: string; flow: string}}>;

const asked = fields(
  {
    capture: {
      type: "string",
      pattern: "^[0-9a-f]{64}$",
      description: "the SHA-256 of a capture, 64 hexadecimal digits"
    },
    flow: {type: "string", pattern: "^-?\\d{1,19}$", description: "the id of a flow, a whole number"}
  },
  ["capture", "flow"]
);

const answersOfPackets = {
  ...answers.refused,
  ...answers.absent,
  ...answers.busy,
  422: {...answers.error, description: "They cannot be read, or not in time"}
};

const listSchema: Described = {
  summary: "Lists the first packets of a flow",
  tags: ["packets"],
  querystring: asked,
  response: {200: answers.ok, ...answersOfPackets}
};

const fileSchema: Described = {
  summary: "Gives all kept packets of a flow as a pcapng file",
  tags: ["packets"],
  querystring: asked,
  response: {200: {description: "The file"}, ...answersOfPackets}
};

/**
 * `GET /api/packets?capture=HASH&flow=ID`: the first packets of a flow with a count of all, and
 * `GET /api/packets.pcapng?…`: all of them as a file, from the ring of raw packets or from the file that was imported.
 */
export async function packetRoutes(
  server: FastifyInstance,
  {lake, limits = packetLimits}: {lake: string; limits?: PacketLimits}
): Promise<void> {
  let running = 0;

  server.get("/api/packets", {schema: listSchema, exposeHeadRoute: false}, (request: Asked, reply) =>
    inTurn(request, reply, async ({wanted, ends}, signal) => {
      const packets: ListedPacket[] = [];
      const take = ({ts, wire, bytes}: FlowPacket) =>
        void packets.push({ts, bytes: wire, captured: bytes.length, ...summarize(bytes, wire, ends)});
      const {listed: most, fileBytes} = limits;
      const {kept, reason} = await readFlowPackets(lake, wanted, take, {most, fileBytes, signal});
      const list: PacketList = {packets, kept, had: wanted.packets ?? kept, reason};
      return reply.header("cache-control", "no-store").send(list);
    })
  );

  server.get("/api/packets.pcapng", {schema: fileSchema, exposeHeadRoute: false}, (request: Asked, reply) =>
    inTurn(request, reply, async ({wanted}, signal) => {
      const to = new PassThrough();
      const writer = new PcapngWriter(to);
      signal.addEventListener("abort", () => to.destroy());
      let hasBegun = false;
      const begin = () => {
        hasBegun = true;
        reply
          .type("application/x-pcapng")
          .header("cache-control", "no-store")
          .header("content-disposition", `attachment; filename="flow-${[...wanted.flows][0]}.pcapng"`)
          .send(to);
      };
      try {
        const take = (packet: FlowPacket) => {
          if (!hasBegun) begin();
          return writer.write(packet);
        };
        const {reason} = await readFlowPackets(lake, wanted, take, {fileBytes: limits.fileBytes, signal});
        if (reason !== null) return reply.code(404).send({error: reason});
        await writer.end();
        to.end();
      } catch (error) {
        if (!hasBegun) throw error;
        // After the first byte only the connection can tell.
        to.destroy(error as Error);
      }
      return reply;
    })
  );

  async function inTurn(
    {query}: Asked,
    reply: FastifyReply,
    work: (flow: WantedFlow, signal: AbortSignal) => Promise<FastifyReply>
  ): Promise<FastifyReply> {
    const {capture, flow} = query;
    if (BigInt.asIntN(64, BigInt(flow)) !== BigInt(flow))
      return reply.code(400).send({error: `query.flow: expected a number of 64 bits, found ${flow}`, field: "flow"});
    if (running >= limits.atOnce)
      return reply.code(429).send({error: `packets of ${limits.atOnce} flows are being read already`});
    running++;
    const left = new AbortController();
    reply.raw.once("close", () => left.abort(new Error("nobody waits for it any more")));
    const late = setTimeout(
      () =>
        left.abort(
          new Error(
            `it took longer than ${limits.timeoutMs / 1000} s: use flowbook export packets, which has no time limit`
          )
        ),
      limits.timeoutMs
    );
    try {
      const wanted = await wantedFlow(lake, capture, BigInt(flow));
      return wanted ? await work(wanted, left.signal) : reply.code(404).send({error: "the lake has no such flow"});
    } catch (error) {
      if (reply.sent) throw error;
      return reply.code(422).send({error: (error as Error).message});
    } finally {
      clearTimeout(late);
      running--;
    }
  }
}

interface WantedFlow {
  readonly wanted: WantedFlows;
  readonly ends: FlowEnds;
}

async function wantedFlow(lake: string, capture: string, flow: bigint): Promise<WantedFlow | null> {
  const engine = await openLake(lake, {memoryMb: 256, timeoutMs: 20_000});
  try {
    const {rows} = await engine.query(
      `SELECT c.path, c.format, c.meter, epoch_us(f.ts_start), epoch_us(f.ts_start) + f.duration_us, f.src_pkts + f.dst_pkts,
        f.src_ip, f.dst_ip, f.src_port, f.dst_port, f.proto
       FROM flows AS f JOIN captures AS c ON c.capture_sha256 = f.capture_sha256
       WHERE f.flow_id = ${flow} AND f.capture_sha256 = '${capture}' LIMIT 1`
    );
    if (rows.length === 0) return null;
    const [path, format, meter, from, to, packets, src, dst, srcPort, dstPort, proto] = rows[0];
    const [name, kind, settings] = [path, format, meter].map(String);
    return {
      wanted: {
        capture,
        path: name,
        format: kind,
        meter: settings,
        flows: new Set([flow]),
        span: {from: Number(from), to: Number(to)},
        packets: Number(packets)
      },
      ends: {
        src: String(src),
        dst: String(dst),
        srcPort: Number(srcPort),
        dstPort: Number(dstPort),
        proto: Number(proto)
      }
    };
  } finally {
    await engine.close();
  }
}
