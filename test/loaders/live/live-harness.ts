import {Recorder} from "../../../capture/live/recorder.ts";
import {createMeter, defaultSettings} from "../../../capture/meter/wasm-meter.ts";
import type {LakeWriter} from "../../../capture/partitions/writer.ts";
import {openSource} from "../../../capture/sources/open.ts";
import type {PacketBatch} from "../../../capture/sources/source.ts";
import type {LiveAnalysis, LiveFindings} from "../../../loaders/live/live-analysis.ts";

/** A writer that keeps nothing. */
const nowhere: LakeWriter = {
  write() {},
  memory: (bytes) => new ArrayBuffer(bytes),
  ready: async () => {},
  describe() {},
  capture() {},
  known: async () => [],
  seal: async () => "part",
  discard: async () => {},
  close: async () => {}
};

/**
 * Plays a capture file as if it were live: after every `everyUs` of its own time the analysis is told what is new, and
 * `hear` what it found. Ends with a look some seconds after the last packet.
 */
export async function playLive(
  path: string,
  sha256: string,
  everyUs: number,
  analysis: LiveAnalysis,
  hear: (findings: LiveFindings, nowUs: number) => void,
  asked: readonly string[] = []
): Promise<void> {
  const meter = await createMeter({...defaultSettings, captureSeed: sha256});
  const recorder = new Recorder({
    capture: {sha256, interface: "test", format: "live/test", meter: "{}"},
    meter,
    writer: nowhere,
    ring: null,
    tally: null,
    isJudged: true,
    clock: () => 0,
    onSealed() {},
    onRingFailure() {}
  });
  const look = async (nowUs: number) => hear(await analysis.take(recorder.told(nowUs), asked), nowUs);
  const source = await openSource(path);
  const read = emptyBatch();
  let nextUs = Number.NaN;
  let lastUs = 0;
  while (await source.next(read)) {
    let from = 0;
    for (let i = 0; i < read.count; i++) {
      if (Number.isNaN(nextUs)) nextUs = read.ts[0] + everyUs;
      if (read.ts[i] < nextUs) continue;
      copy(read, from, i, meter.batch);
      recorder.take();
      await look(nextUs);
      from = i;
      nextUs = read.ts[i] + everyUs;
    }
    copy(read, from, read.count, meter.batch);
    recorder.take();
    lastUs = meter.counters.lastTs;
  }
  await source.close();
  for (const seconds of [1, 2]) await look(lastUs + seconds * 1e6);
}

function emptyBatch(): PacketBatch {
  return {
    count: 0,
    bytes: new Uint8Array(5 << 20),
    offset: new Int32Array(8192),
    captured: new Int32Array(8192),
    wire: new Int32Array(8192),
    ts: new Float64Array(8192),
    link: new Int32Array(8192)
  };
}

function copy(from: PacketBatch, first: number, end: number, into: PacketBatch): void {
  let at = 0;
  for (let i = first; i < end; i++) {
    const n = i - first;
    into.bytes.set(from.bytes.subarray(from.offset[i], from.offset[i] + from.captured[i]), at);
    into.offset[n] = at;
    into.captured[n] = from.captured[i];
    into.wire[n] = from.wire[i];
    into.ts[n] = from.ts[i];
    into.link[n] = from.link[i];
    at += from.captured[i];
  }
  into.count = end - first;
}
