import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {Writable} from "node:stream";
import {afterAll, describe, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {exportPackets} from "../../../capture/packets/export-packets.ts";
import {type FlowPacket, readFlowPackets, type WantedFlows} from "../../../capture/packets/flow-packets.ts";
import {PcapngWriter, PcapWriter} from "../../../capture/packets/packet-files.ts";
import {openSource} from "../../../capture/sources/open.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {ethernetUdp} from "../made-capture.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-nano-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** Fractions of a second of the packets, in ns: the last digits are lost in µs. */
const fractions = [907_398_613, 907_398_999, 999_999_999];

/** A pcap file of either byte order with times in ns. */
function nanoPcap(littleEndian: boolean): Buffer {
  const u32 = (...values: number[]) => {
    const bytes = Buffer.alloc(4 * values.length);
    for (const [i, value] of values.entries())
      littleEndian ? bytes.writeUInt32LE(value, 4 * i) : bytes.writeUInt32BE(value, 4 * i);
    return bytes;
  };
  const version = littleEndian ? Buffer.from([2, 0, 4, 0]) : Buffer.from([0, 2, 0, 4]);
  const frame = ethernetUdp("10.0.0.1", 40_000, "10.0.0.2", 9, Buffer.from("hello"));
  const records = fractions.flatMap((ns) => [u32(1_700_000_000, ns, frame.length, frame.length), frame]);
  return Buffer.concat([u32(0xa1b23c4d), version, u32(0, 0, 65_535, 1), ...records]);
}

/** A stream that keeps what is written into it. */
function streamInto(parts: Buffer[]): Writable {
  return new Writable({
    write(chunk, _, done) {
      parts.push(chunk);
      done();
    }
  });
}

/** What an export of a whole capture of one flow holds. */
async function exported(name: string, content: Buffer): Promise<{bytes: Buffer; wanted: WantedFlows; lake: string}> {
  const file = join(folder, name);
  const lake = join(folder, `${name}.lake`);
  writeFileSync(file, content);
  await importCaptures([file], {lake, clock: () => 0});
  const engine = await openLake(lake);
  const {rows} = await engine.query(
    "SELECT flow_id, capture_sha256, path, format, meter FROM flows JOIN captures USING (capture_sha256)"
  );
  await engine.close();
  const [[flow, capture, path, format, meter]] = rows as [[bigint, string, string, string, string]];
  const wanted = {capture, path, format, meter, flows: new Set([flow])};
  const parts: Buffer[] = [];
  expect(await exportPackets(lake, [wanted], streamInto(parts))).toMatchObject({
    packets: 3,
    flows: 1,
    cutTimes: 0,
    missing: []
  });
  return {bytes: Buffer.concat(parts), wanted, lake};
}

/** Fractions of a file's packets, in ns; those in µs end with `.`. */
async function fractionsOf(bytes: Buffer): Promise<(number | string)[]> {
  const file = join(folder, "again");
  writeFileSync(file, bytes);
  const {createMeter, defaultSettings} = await import("../../../capture/meter/wasm-meter.ts");
  const {batch} = await createMeter({...defaultSettings, maxFlows: 16, captureSeed: "0123456789abcdef"});
  batch.ns = new Int16Array(batch.offset.length);
  const source = await openSource(file);
  const found: (number | string)[] = [];
  while (await source.next(batch))
    for (let i = 0; i < batch.count; i++) {
      const us = batch.ts[i] % 1e6;
      found.push(batch.ns[i] < 0 ? `${us}.` : us * 1000 + batch.ns[i]);
    }
  await source.close();
  return found;
}

describe("packets of a capture in ns", () => {
  for (const littleEndian of [true, false])
    it(`leave with their ns, from a ${littleEndian ? "little" : "big"}-endian file`, async () => {
      const {bytes} = await exported(`nano-${littleEndian}.pcap`, nanoPcap(littleEndian));
      expect(bytes.readUInt32LE(0)).toBe(0xa1b23c4d);
      expect(await fractionsOf(bytes)).toEqual(fractions);
    });

  it("keep them in pcapng, whose export by a page and by the command is the same packets", async () => {
    const {wanted, lake} = await exported("again.pcap", nanoPcap(true));
    const parts: Buffer[] = [];
    const writer = new PcapngWriter(streamInto(parts));
    await readFlowPackets(lake, wanted, (packet) => writer.write(packet));
    await writer.end();
    const pcapng = Buffer.concat(parts);
    expect(await fractionsOf(pcapng)).toEqual(fractions);
    expect(await fractionsOf((await exported("other.pcapng", pcapng)).bytes)).toEqual(fractions);
  });

  it("keep a capture in µs in µs, and count times that do not fit such a file", async () => {
    const micro = nanoPcap(true);
    micro.writeUInt32LE(0xa1b2c3d4, 0);
    for (let at = 24, i = 0; at < micro.length; at += 16 + micro.readUInt32LE(at + 8), i++)
      micro.writeUInt32LE(Math.floor(fractions[i] / 1000), at + 4);
    const {bytes} = await exported("micro.pcap", micro);
    expect(bytes.equals(micro.fill(bytes.subarray(16, 20), 16, 20))).toBe(true);
    const writer = new PcapWriter(new Writable({write: (_chunk, _, done) => done()}));
    const packet: FlowPacket = {flow: 1n, link: 1, ts: 1_700_000_000_000_000, ns: -1, wire: 4, bytes: Buffer.alloc(4)};
    for (const ns of [-1, 7, 0]) await writer.write({...packet, ns});
    expect(writer.cutTimes).toBe(1);
  });
});
