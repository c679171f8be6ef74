import {mkdtemp, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {openSource} from "../../capture/sources/open.ts";
import type {RecordRow} from "../capture/dissect/conversation.ts";
import {dissectFiles} from "../capture/dissect/metered.ts";
import type {MadePacket} from "../capture/made-capture.ts";
import {pcap} from "../capture/made-capture.ts";
import {ReferenceDecoder} from "../capture/meter/reference-decode.ts";
import {plainBatch} from "../capture/sources/packets.ts";

const ethernet = 1;
const [syn, ack] = [2, 16];

interface ClientPacket {
  readonly number: number;
  readonly us: number;
  readonly connection: string;
}

/** What a hole of one client packet does to the records of a capture. */
export interface HoleEffect {
  /** The packet that was removed, counted from 1. */
  readonly packet: number;
  /** Rows of the whole capture later than that packet, and how many of them are there without it too. */
  readonly after: number;
  readonly kept: number;
  readonly lost: readonly string[];
}

/**
 * Removes one packet with data that a client sent on a connection whose SYN was captured, one of `random`'s choice, and
 * compares the records of what is later. Null for a capture without such a packet, or without Ethernet frames.
 */
export async function holeEffect(file: string, random: () => number): Promise<HoleEffect | null> {
  const packets = await packetsOf(file);
  if (!packets) return null;
  const clients = clientPackets(packets);
  if (clients.length === 0) return null;
  const hole = clients[Math.floor(random() * clients.length)];
  const whole = await recordsOf(packets);
  const holed = await recordsOf(packets.filter((_, i) => i !== hole.number - 1));
  const later = (rows: readonly (readonly [string, RecordRow])[]) =>
    rows.filter(([, {ts}]) => Number(ts) > hole.us).map(([table, row]) => identity(table, row));
  const left = new Map<string, number>();
  for (const row of later(holed)) left.set(row, (left.get(row) ?? 0) + 1);
  const expected = later(whole);
  const lost = expected.filter((row) => {
    const count = left.get(row) ?? 0;
    left.set(row, count - 1);
    return count <= 0;
  });
  return {packet: hole.number, after: expected.length, kept: expected.length - lost.length, lost};
}

/**
 * Columns that count from the connection's begin, name flows (whose names depend on the packets before), or come from an
 * earlier message: the name of a file from its request, a user from the login, an interface from its bind.
 */
const fromBefore =
  /^(flow_id|capture_sha256|.*_us|.*_number|trans_depth|name|user|pipe|interface.*|database|client|share|server_name|server_version|alpn|ja3|ja4|version)$/;

function identity(table: string, row: RecordRow): string {
  const values = Object.entries(row).filter(([name]) => !fromBefore.test(name));
  return `${table} ${values.map(([name, value]) => `${name}=${value}`).join(" ")}`;
}

async function recordsOf(packets: readonly MadePacket[]): Promise<[string, RecordRow][]> {
  const folder = await mkdtemp(join(tmpdir(), "flowbook-hole-"));
  try {
    const file = join(folder, "holed.pcap");
    await writeFile(file, pcap(packets));
    const {records} = await dissectFiles([file]);
    return Object.entries(records).flatMap(([table, rows]) => rows.map((row) => [table, row] as [string, RecordRow]));
  } finally {
    await rm(folder, {recursive: true});
  }
}

async function packetsOf(file: string): Promise<MadePacket[] | null> {
  const batch = plainBatch();
  const packets: MadePacket[] = [];
  const source = await openSource(file);
  while (await source.next(batch))
    for (let i = 0; i < batch.count; i++) {
      if (batch.link[i] !== ethernet || batch.captured[i] !== batch.wire[i]) return null;
      const bytes = batch.bytes.subarray(batch.offset[i], batch.offset[i] + batch.captured[i]);
      packets.push({us: Math.floor(batch.ts[i]), frame: Buffer.from(bytes)});
    }
  await source.close();
  return packets;
}

/** Packets with data of those that sent the SYN. */
function clientPackets(packets: readonly MadePacket[]): ClientPacket[] {
  const decoder = new ReferenceDecoder();
  const clients = new Set<string>();
  const found: ClientPacket[] = [];
  for (const [i, {us, frame}] of packets.entries()) {
    const decoded = decoder.decode(ethernet, frame, frame.length);
    if (typeof decoded === "string" || !decoded.inner.tcp) continue;
    const {src, dst, srcPort, dstPort, tcp, payloadBytes} = decoded.inner;
    const connection = `${src}|${srcPort}>${dst}|${dstPort}`;
    if ((tcp.flags & (syn | ack)) === syn) clients.add(connection);
    else if (payloadBytes > 0 && clients.has(connection)) found.push({number: i + 1, us, connection});
  }
  return found;
}
