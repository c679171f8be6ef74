import type {
  FinishedFlows,
  Meter,
  MeterCounters,
  MeterSettings,
  MeterSink,
  Payload
} from "../../../capture/meter/meter.ts";
import {createMeter, defaultSettings} from "../../../capture/meter/wasm-meter.ts";
import {textsOf} from "../../../capture/partitions/texts-of.ts";
import {openSource} from "../../../capture/sources/open.ts";
import {fb1Columns} from "../../../schema/features.ts";
import {flowColumns} from "../../../schema/flows.ts";
import type {ColumnData} from "../../../schema/rows.ts";

/** Columns of `flows` that the meter itself does not give. */
export const given: ReadonlySet<string> = new Set([
  "capture_sha256",
  "service",
  "service_inside",
  "proxied_ip",
  "service_guess",
  "server_name",
  "dns_name",
  "ja4"
]);
export const meteredColumns: readonly string[] = [
  ...flowColumns.map(({name}) => name).filter((name) => !given.has(name)),
  ...fb1Columns.map(({name}) => name)
];

export const testSettings: MeterSettings = {...defaultSettings, captureSeed: "00112233445566778899aabbccddeeff"};

/** Timeouts that no capture reaches, as the counting oracles have them. */
export const withoutTimeouts: MeterSettings = {...testSettings, idleTimeoutUs: 1e15, activeTimeoutUs: 1e15};

/** A finished flow by column name; numbers, texts, null for unknown. */
// biome-ignore lint/suspicious/noExplicitAny: a row of columns of several types
export type FlowObject = Record<string, any>;

export interface Metered {
  readonly flows: FlowObject[];
  readonly counters: MeterCounters;
  /** Payload copies in the order they came. */
  readonly payloads: (Omit<Payload, "bytes" | "start" | "end"> & {text: string; src: string; dst: string})[];
  /** What went wrong reading; null where all was read. */
  readonly problem: string | null;
}

/** One packet for the meter: bytes with its time in µs, wire length and link type (Ethernet by default). */
export interface TestPacket {
  readonly bytes: Uint8Array;
  readonly ts: number;
  readonly wire?: number;
  readonly link?: number;
}

/** Meters a capture file; its flows have the columns asked for. */
export async function meterFile(path: string, settings = testSettings, columns = meteredColumns): Promise<Metered> {
  const source = await openSource(path);
  const {meter, sink, result} = await begin(settings, false, columns);
  while (await source.next(meter.batch)) meter.process(sink);
  await source.close();
  meter.flush(sink);
  return {...result, counters: countersOf(meter), problem: source.problem?.message ?? null};
}

/** Meters packets made by a test, at most `perBatch` in a batch; its flows have the columns asked for. */
export async function meterPackets(
  packets: readonly TestPacket[],
  settings = testSettings,
  {perBatch = 8192, columns = meteredColumns}: {perBatch?: number; columns?: readonly string[]} = {}
): Promise<Metered> {
  const {meter, sink, result} = await begin(settings, true, columns);
  for (let at = 0; at < packets.length; ) {
    at += fill(meter, packets, at, perBatch);
    meter.process(sink);
  }
  meter.flush(sink);
  return {...result, counters: countersOf(meter), problem: null};
}

/** What a meter counted, which is closed then: the next one is made of it. */
function countersOf(meter: Meter): MeterCounters {
  const {counters} = meter;
  meter.close();
  return counters;
}

function fill({batch}: Meter, packets: readonly TestPacket[], from: number, perBatch: number): number {
  const {bytes, offset, captured, wire, ts, link} = batch;
  let at = 0;
  let n = 0;
  for (; n < perBatch && from + n < packets.length; n++) {
    const packet = packets[from + n];
    if (at + packet.bytes.length > bytes.length) break;
    bytes.set(packet.bytes, at);
    offset[n] = at;
    captured[n] = packet.bytes.length;
    wire[n] = packet.wire ?? packet.bytes.length;
    ts[n] = packet.ts;
    link[n] = packet.link ?? 1;
    at += packet.bytes.length;
  }
  batch.count = n;
  return n;
}

async function begin(settings: MeterSettings, keepPayload: boolean, names: readonly string[]) {
  const meter = await createMeter(settings);
  const flows: FlowObject[] = [];
  const payloads: Metered["payloads"] = [];
  const sink: MeterSink = {
    onPayload(payload) {
      const {bytes, start, end, ...rest} = payload;
      if (!(start >= 0 && start < end && end <= bytes.length)) throw new Error(`payload at ${start} to ${end}`);
      if (!keepPayload) return false;
      payloads.push({
        ...rest,
        text: Buffer.from(bytes.subarray(start, end)).toString("latin1"),
        src: meter.address(payload.slot, 0),
        dst: meter.address(payload.slot, 1)
      });
      return true;
    },
    onFlow() {},
    onFlows(finished) {
      flows.push(...flowObjects(finished, names));
    }
  };
  return {meter, sink, result: {flows, payloads}};
}

/** The rows of a batch of flows with the columns asked for. */
export function flowObjects(flows: FinishedFlows, names: readonly string[]): FlowObject[] {
  const columns = names.map((name) => [name, flows.column(name)] as const);
  return Array.from({length: flows.rows}, (_, row) =>
    Object.fromEntries(columns.map(([name, column]) => [name, value(column, row)]))
  );
}

function value(column: ColumnData, row: number): unknown {
  if ("codes" in column) return column.codes[row] < 0 ? null : textsOf(column)[column.codes[row]];
  if ("width" in column)
    return Buffer.from(column.bytes).toString("latin1", row * column.width, (row + 1) * column.width);
  const number = column[row];
  return typeof number === "number" && Number.isNaN(number) ? null : number;
}
