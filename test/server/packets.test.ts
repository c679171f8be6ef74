import {execFileSync} from "node:child_process";
import {appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {FastifyInstance} from "fastify";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {importCaptures} from "../../capture/import/import.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import type {PacketList} from "../../schema/packets.ts";
import {createHttp} from "../../server/http.ts";
import {type PacketLimits, packetLimits, packetRoutes} from "../../server/routes/packets.ts";
import {type Conversation, conversations, conversationsFile} from "../fixtures/conversations.ts";
import {playedCapture as hash, playIntoRing} from "../fixtures/played-ring.ts";
import {itUnless, noProgram} from "../needs.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-packets-"));
const file = join(folder, "conversations.pcap");
const imported = join(folder, "imported");
const live = join(folder, "live");
const servers: FastifyInstance[] = [];

beforeAll(async () => {
  writeFileSync(file, conversationsFile());
  await importCaptures([file], {lake: imported, clock: Date.now});
  await playIntoRing(live);
});
afterAll(async () => {
  for (const server of servers) await server.close();
  rmSync(folder, {recursive: true, force: true});
});

async function serve(lake: string, limits: Partial<PacketLimits> = {}): Promise<FastifyInstance> {
  const server = createHttp();
  servers.push(server);
  await server.register(packetRoutes, {lake, limits: {...packetLimits, ...limits}});
  return server;
}

interface KnownFlow {
  readonly query: string;
  readonly packets: number;
  readonly fromOriginator: number;
}

/** The flow of a conversation as the lake knows it. */
async function flowOf(lake: string, {port, proto}: Conversation): Promise<KnownFlow> {
  const engine = await openLake(lake, {threads: 1, memoryMb: 256});
  try {
    const where = proto === 1 ? "proto = 1" : `${port} IN (src_port, dst_port) AND proto = ${proto}`;
    const {rows} = await engine.query(
      `SELECT capture_sha256, CAST(flow_id AS VARCHAR), src_pkts, dst_pkts FROM flows WHERE ${where}`
    );
    expect(rows).toHaveLength(1);
    const [capture, flow, out, back] = rows[0];
    return {query: `capture=${capture}&flow=${flow}`, packets: Number(out) + Number(back), fromOriginator: Number(out)};
  } finally {
    await engine.close();
  }
}

const listOf = async (server: FastifyInstance, query: string) => {
  const answer = await server.inject(`/api/packets?${query}`);
  expect([answer.statusCode, answer.headers["cache-control"]]).toEqual([200, "no-store"]);
  return answer.json<PacketList>();
};

/** Blocks of a pcapng file, read by its specification alone: time in µs, wire length and bytes of enhanced packets. */
function packetsOf(pcapng: Buffer): {us: number; link: number; wire: number; frame: string}[] {
  const links: number[] = [];
  const packets = [];
  for (let at = 0; at < pcapng.length; ) {
    const [type, length] = [pcapng.readUInt32LE(at), pcapng.readUInt32LE(at + 4)];
    expect(pcapng.readUInt32LE(at + length - 4)).toBe(length);
    if (type === 1) links.push(pcapng.readUInt16LE(at + 8));
    if (type === 6) {
      const us = pcapng.readUInt32LE(at + 12) * 2 ** 32 + pcapng.readUInt32LE(at + 16);
      const frame = pcapng.subarray(at + 28, at + 28 + pcapng.readUInt32LE(at + 20)).toString("hex");
      packets.push({us, link: links[pcapng.readUInt32LE(at + 8)], wire: pcapng.readUInt32LE(at + 24), frame});
    }
    at += length;
  }
  return packets;
}

/** One field a column, one packet a row, as tshark reads a file. */
function tshark(path: string, filter: string, ...fields: string[]): string[][] {
  const args = ["-r", path, "-Y", filter, "-T", "fields", ...fields.flatMap((name) => ["-e", name])];
  const text = execFileSync("tshark", args, {encoding: "utf8", stdio: ["ignore", "pipe", "ignore"]});
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split("\t"));
}

describe.each([
  ["an imported file", () => imported],
  ["a live capture's ring", () => live]
])("packets of the flows of %s", (_, lakeOf) => {
  for (const conversation of conversations)
    it(`are those that were sent: ${conversation.name}`, async () => {
      const server = await serve(lakeOf());
      const {query, packets, fromOriginator} = await flowOf(lakeOf(), conversation);
      expect(packets).toBe(conversation.packets.length);
      const saved = await server.inject(`/api/packets.pcapng?${query}`);
      expect([saved.statusCode, saved.headers["content-type"]]).toEqual([200, "application/x-pcapng"]);
      expect(saved.headers["content-disposition"]).toMatch(/^attachment; filename="flow--?\d+\.pcapng"$/);
      expect(packetsOf(saved.rawPayload)).toEqual(
        conversation.packets.map(({us, frame}) => ({us, link: 1, wire: frame.length, frame: frame.toString("hex")}))
      );
      const list = await listOf(server, query);
      expect([list.kept, list.had, list.reason]).toEqual([packets, packets, null]);
      expect(list.packets.map(({ts, bytes, captured}) => [ts, bytes, captured])).toEqual(
        conversation.packets.slice(0, 200).map(({us, frame}) => [us, frame.length, frame.length])
      );
      expect(list.packets.map(({isFromOriginator}) => isFromOriginator)).toEqual(
        conversation.packets.slice(0, 200).map(({isOut}) => isOut)
      );
      if (packets <= 200)
        expect(list.packets.filter(({isFromOriginator}) => isFromOriginator)).toHaveLength(fromOriginator);
    });

  for (const conversation of conversations)
    itUnless(noProgram("tshark"))(`are read by tshark as they are listed: ${conversation.name}`, async () => {
      const server = await serve(lakeOf());
      const {query, packets} = await flowOf(lakeOf(), conversation);
      const path = join(folder, "saved.pcapng");
      writeFileSync(path, (await server.inject(`/api/packets.pcapng?${query}`)).rawPayload);
      expect(tshark(path, "frame", "frame.len").length).toBe(packets);
      if (conversation.proto !== 6) return;
      const list = await listOf(server, query);
      expect(list.packets.map(({seq, ack, payloadBytes}) => [seq, ack, payloadBytes])).toEqual(
        tshark(path, "tcp", "tcp.seq_raw", "tcp.ack_raw", "tcp.len").map((row) => row.map(Number))
      );
    });
});

describe("a list of packets", () => {
  const tcp = conversations[0];

  it("says of TCP what Wireshark says, by the numbers of the wire", async () => {
    const {query} = await flowOf(imported, tcp);
    const {packets} = await listOf(await serve(imported), query);
    expect(packets.slice(0, 4).map(({flags, seq, ack, text}) => [flags, seq, ack, text])).toEqual([
      ["SYN", 4_294_967_290, 0, "50001 → 443 [SYN] Seq=4294967290 Win=64240 Len=0"],
      ["SYN, ACK", 700, 4_294_967_291, "443 → 50001 [SYN, ACK] Seq=700 Ack=4294967291 Win=64240 Len=0"],
      ["ACK", 4_294_967_291, 701, "50001 → 443 [ACK] Seq=4294967291 Ack=701 Win=64240 Len=0"],
      ["PSH, ACK", 4_294_967_291, 701, "50001 → 443 [PSH, ACK] Seq=4294967291 Ack=701 Win=64240 Len=20"]
    ]);
  });

  it("has the first ones of a long flow and counts all, of file and ring alike", async () => {
    for (const lake of [imported, live]) {
      const {query, packets} = await flowOf(lake, conversations.find(({name}) => name === "a long one")!);
      expect(packets).toBe(1500);
      const list = await listOf(await serve(lake, {listed: 7}), query);
      expect([list.packets.length, list.kept, list.had]).toEqual([7, 1500, 1500]);
    }
  });

  it("says how many of a flow's packets the ring still holds, and plainly where it holds none", async () => {
    const lake = join(folder, "trimmed");
    await playIntoRing(lake);
    const ring = join(lake, "packets", hash);
    const long = await flowOf(lake, conversations.find(({name}) => name === "a long one")!);
    const short = await flowOf(lake, tcp);
    const names = readdirSync(ring).sort();
    expect(names.filter((name) => name.endsWith(".pcap")).length).toBeGreaterThan(1);
    const server = await serve(lake);
    for (const name of names) if (name.startsWith("000000")) rmSync(join(ring, name));
    const left = await listOf(server, long.query);
    expect(left.had).toBe(1500);
    expect(left.kept).toBeGreaterThan(0);
    expect(left.kept).toBeLessThan(1500);
    expect(await listOf(server, short.query)).toEqual({
      packets: [],
      kept: 0,
      had: tcp.packets.length,
      reason: "its packets are no longer in the ring"
    });
    const saved = await server.inject(`/api/packets.pcapng?${short.query}`);
    expect([saved.statusCode, saved.json()]).toEqual([404, {error: "its packets are no longer in the ring"}]);
    rmSync(ring, {recursive: true});
    expect((await listOf(server, long.query)).reason).toBe(
      "the ring of raw packets no longer holds any of its capture, or none were kept"
    );
  });

  it("says why where the file is gone, is another one, is too large, or no file", async () => {
    const lake = join(folder, "again");
    const moved = join(folder, "moved.pcap");
    writeFileSync(moved, conversationsFile());
    await importCaptures([moved], {lake, clock: Date.now});
    const {query} = await flowOf(lake, tcp);
    const reasonOf = async (limits = {}) => (await listOf(await serve(lake, limits), query)).reason;
    expect(await reasonOf()).toBeNull();
    expect(await reasonOf({fileBytes: 1000})).toContain("is too large to be read while a page waits");
    appendFileSync(moved, "x");
    expect(await reasonOf()).toBe(`${moved} is another file now`);
    rmSync(moved);
    expect(await reasonOf()).toBe(`its file is not at ${moved}, and no ring holds its packets`);
    execFileSync("mkfifo", [moved]);
    expect(await reasonOf()).toBe(`${moved} is no file now`);
  });
});

describe("the routes of packets", () => {
  it("refuse what is no hash or no flow's number, before anything is looked for", async () => {
    const server = await serve(imported);
    const good = "a".repeat(64);
    for (const query of [
      "",
      "flow=1",
      `capture=${good}`,
      `capture=${good}&flow=1.5`,
      `capture=${good}&flow=9223372036854775808`,
      `capture=${good}&flow=1&flow=2`,
      "capture=../../etc&flow=1",
      `capture=${good.slice(1)}'&flow=1`
    ])
      for (const path of ["packets", "packets.pcapng"])
        expect([query, (await server.inject(`/api/${path}?${query}`)).statusCode]).toEqual([query, 400]);
    const unknown = await server.inject(`/api/packets?capture=${good}&flow=1`);
    expect([unknown.statusCode, unknown.json()]).toEqual([404, {error: "the lake has no such flow"}]);
  });

  it("read for so many at once, and stop when it takes too long", async () => {
    const {query} = await flowOf(imported, conversations[0]);
    const server = await serve(imported, {atOnce: 1});
    const answers = await Promise.all([1, 2, 3].map(() => server.inject(`/api/packets?${query}`)));
    expect(answers.map(({statusCode}) => statusCode).sort()).toEqual([200, 429, 429]);
    expect((await server.inject(`/api/packets?${query}`)).statusCode).toBe(200);
    const hasty = await serve(imported, {timeoutMs: 0});
    const late = await hasty.inject(`/api/packets?${query}`);
    expect([late.statusCode, late.json().error]).toEqual([422, expect.stringContaining("it took longer than")]);
  });

  it("are free again when a reader leaves in the middle of a file", async () => {
    const server = await serve(imported, {atOnce: 1});
    const origin = await server.listen({host: "127.0.0.1", port: 0});
    const {query} = await flowOf(imported, conversations.find(({name}) => name === "a long one")!);
    const leaving = new AbortController();
    const answer = await fetch(`${origin}/api/packets.pcapng?${query}`, {signal: leaving.signal});
    expect(answer.status).toBe(200);
    leaving.abort();
    await answer.arrayBuffer().catch(() => undefined);
    await expect.poll(async () => (await server.inject(`/api/packets?${query}`)).statusCode).toBe(200);
  });
});
