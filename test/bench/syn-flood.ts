import {createMeter, defaultSettings} from "../../capture/meter/wasm-meter.ts";

/**
 * Meters SYNs of five million distinct tuples, made in memory, at a rate that fills the table; fails where the process
 * needed more than 1 GB or a SYN was lost. Arguments: SYNs (5,000,000), SYNs a second of packet time (1,000,000).
 */
const [count = 5_000_000, perSecond = 1_000_000] = process.argv.slice(2).map(Number);
const frameBytes = 54;
const mostMb = 1024;

const syn = Buffer.alloc(frameBytes);
syn.writeUInt16BE(0x0800, 12);
syn.set([0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6], 14);
syn.set([192, 0, 2, 1], 30);
syn.writeUInt16BE(80, 36);
syn.set([0x50, 2, 0x20, 0], 46);

const meter = await createMeter({...defaultSettings, captureSeed: "0".repeat(64)});
let ended = 0;
const sink = {
  onPayload: () => false,
  onFlow() {},
  onFlows: ({rows}: {rows: number}) => {
    ended += rows;
  }
};
const before = process.cpuUsage();
for (let made = 0; made < count; ) {
  const {batch} = meter;
  const {bytes, offset, captured, wire, ts, link} = batch;
  const n = Math.min(offset.length, count - made);
  for (let i = 0; i < n; i++, made++) {
    const at = i * frameBytes;
    bytes.set(syn, at);
    // Source 10.x.x.x and a port: all tuples differ.
    bytes[at + 26] = 10;
    bytes[at + 27] = made >> 16;
    bytes[at + 28] = made >> 8;
    bytes[at + 29] = made;
    bytes[at + 34] = 128 + ((made >> 24) & 127);
    offset[i] = at;
    captured[i] = wire[i] = frameBytes;
    ts[i] = 1_700_000_000_000_000 + Math.floor((made * 1e6) / perSecond);
    link[i] = 1;
  }
  batch.count = n;
  meter.process(sink);
}
meter.flush(sink);
const {user, system} = process.cpuUsage(before);
const {flows, evictedFlows} = meter.counters;
const peakMb = process.resourceUsage().maxRSS / 1024;
const whole = (value: number) => Math.round(value).toLocaleString("en");
console.log(
  `${whole(count)} SYNs, ${whole(flows)} flows of which ${whole(evictedFlows)} were evicted, ${((user + system) / 1e6).toFixed(2)} CPU s, ${whole(peakMb)} MB at most`
);
process.exitCode = ended === count && flows === count && peakMb <= mostMb ? 0 : 1;
