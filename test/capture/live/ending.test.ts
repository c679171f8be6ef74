import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {PassThrough} from "node:stream";
import {setTimeout as sleep} from "node:timers/promises";
import {afterAll, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {type LiveOptions, record} from "../../../capture/live/capture-live.ts";
import type {Helper} from "../../../capture/live/helper.ts";
import {installedPrograms} from "../../../capture/live/programs.ts";
import {Recorder} from "../../../capture/live/recorder.ts";
import {createMeter, defaultSettings} from "../../../capture/meter/wasm-meter.ts";
import {openLakeWriter} from "../../../capture/partitions/writer.ts";
import {openPipe, PipeBytes} from "../../../capture/sources/pipe.ts";
import {LiveScoring} from "../../../loaders/live/live-scoring.ts";
import {ethernetUdp, pcap} from "../made-capture.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-ending-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const beginMs = 1_700_000_000_000;
const sha256 = "d".repeat(64);
const delayMs = 250;
const durationS = 5;

/** A packet that was on the wire `ms` after the beginning. */
const packetAt = (ms: number) => ({
  us: (beginMs + ms) * 1000,
  frame: ethernetUdp("10.0.0.5", 4000, "192.0.2.9", 7000, Buffer.alloc(58))
});

/** What comes out of the capture program at a time, in ms since the beginning: packets' own times. */
type Arrivals = readonly (readonly [atMs: number, packets: readonly number[]])[];

/** A capture of five seconds of a clock that moves by 10 ms each time nothing is left to take; when it asked for the end. */
async function ended(name: string, arrivals: Arrivals) {
  const lake = join(folder, name);
  let steadyMs = 0;
  let stoppedMs = 0;
  const stream = new PassThrough();
  const bytes = new PipeBytes(stream, {patienceMs: 1});
  stream.write(pcap([]));
  const pipe = await openPipe("fake", bytes);
  const helper: Helper = {
    ...pipe!,
    bytes,
    found: {program: {...installedPrograms("tcpdump", process.env)[0].program, delayMs}, path: "fake"},
    loss: {captured: null, kernelDrops: 0, interfaceDrops: 0, programDrops: null},
    ask() {},
    stop() {
      stoppedMs ||= steadyMs;
      stream.end();
    },
    ended: Promise.resolve(null)
  };
  const meter = await createMeter({...defaultSettings, captureSeed: sha256});
  const writer = openLakeWriter(lake, beginMs);
  const clock = () => beginMs + steadyMs;
  const recorder = new Recorder({
    capture: {sha256, interface: "fake0", format: "live/tcpdump", meter: "{}"},
    meter,
    writer,
    ring: null,
    tally: null,
    isJudged: false,
    clock,
    onSealed() {},
    onRingFailure() {}
  });
  const options = {durationS, rotateS: 60, clock, steady: () => steadyMs, diskFloorBytes: 0, lake};
  const about = {capture: sha256, interface: "fake0", program: "tcpdump" as const};
  const done = record(options as unknown as LiveOptions, helper, recorder, meter, about, null);
  const left = [...arrivals];
  let sent = 0;
  while (stoppedMs === 0) {
    steadyMs += 10;
    while (left.length > 0 && left[0][0] <= steadyMs) {
      const [, packets] = left.shift()!;
      sent += packets.length;
      stream.write(pcap(packets.map(packetAt)).subarray(24));
    }
    do await sleep(3);
    while (stoppedMs === 0 && meter.counters.packets < sent);
  }
  const {packets} = await done;
  await writer.close();
  return {packets, sent, lateMs: stoppedMs - 1000 * durationS};
}

const upTo = (count: number, from: number, to: number) =>
  Array.from({length: count}, (_, k) => from + ((to - from) * k) / count);

it("a timed capture of an idle interface ends once the program's delay is over", async () => {
  const {packets, lateMs} = await ended("idle", []);
  expect(packets).toBe(0);
  expect(lateMs).toBeGreaterThanOrEqual(delayMs);
  expect(lateMs).toBeLessThan(delayMs + 100);
});

it("a timed capture takes in every packet of its time, however late the program brings it, and no longer", async () => {
  // A thousand packets of the last two seconds lay in the kernel's buffer, and come in ten lots until two seconds later.
  const lots = upTo(1000, 3000, 5000);
  const backlog: Arrivals = Array.from({length: 10}, (_, k) => [5000 + 200 * k, lots.slice(100 * k, 100 * (k + 1))]);
  const {packets, lateMs} = await ended("behind", [
    [1000, upTo(50, 0, 1000)],
    ...backlog,
    [7000, [5001]],
    [20_000, [5002]]
  ]);
  expect(packets).toBe(1051);
  expect(lateMs).toBeGreaterThanOrEqual(2000);
  expect(lateMs).toBeLessThan(2100);
});

it("a timed capture of a busy interface ends with the first packet of after its time", async () => {
  const {packets, sent, lateMs} = await ended(
    "busy",
    upTo(600, 0, 6000).map((ms) => [ms + delayMs, [ms]])
  );
  expect(packets).toBe(sent);
  expect(lateMs).toBeLessThan(delayMs + 100);
});

it("a capture without a flow is not judged at its end", async () => {
  const warnings: string[] = [];
  const scoring = new LiveScoring({
    // Where nothing is: whoever looked for rows there would fail.
    lake: join(folder, "nowhere"),
    score: true,
    localNets: [],
    idleTimeoutS: 120,
    retention: {maxAgeS: null, maxBytes: null},
    clock: () => beginMs,
    onWarning: (text) => warnings.push(text),
    onIncidents: () => warnings.push("incidents"),
    onScored: async () => void warnings.push("scored")
  });
  scoring.add("20260101T000000000Z-aaa-0", 0);
  const result = await scoring.finish(null);
  expect([warnings, result.verdicts, result.incidents]).toEqual([[], 0, 0]);
});

it("parts behind one without a flow are judged", async () => {
  const lake = join(folder, "judged");
  const file = join(folder, "one.pcap");
  writeFileSync(file, pcap([packetAt(0)]));
  const {parts} = await importCaptures([file], {lake, clock: () => beginMs});
  const scoring = new LiveScoring({
    lake,
    score: true,
    localNets: [],
    idleTimeoutS: 120,
    retention: {maxAgeS: null, maxBytes: null},
    clock: () => beginMs,
    onWarning() {}
  });
  scoring.add("20260101T000000000Z-aaa-0", 0);
  scoring.add(parts[0], 1);
  expect((await scoring.finish(null)).verdicts).toBe(1);
});

it("a clock that is set back an hour keeps no part from being removed while the capture runs", async () => {
  const lake = join(folder, "retained");
  const file = join(folder, "small.pcap");
  writeFileSync(file, pcap([packetAt(0)]));
  let [wallMs, steadyMs] = [beginMs, 0];
  const {parts} = await importCaptures([file], {lake, clock: () => wallMs});
  const scoring = new LiveScoring({
    lake,
    score: false,
    localNets: [],
    idleTimeoutS: 120,
    retention: {maxAgeS: null, maxBytes: 1},
    clock: () => wallMs,
    steady: () => steadyMs,
    onWarning() {}
  });
  wallMs -= 3_600_000;
  steadyMs += 61_000;
  scoring.add(parts[0], 1);
  await expect.poll(() => scoring.removed).toBe(1);
  await scoring.finish(null);
});
