import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {PassThrough} from "node:stream";
import {setTimeout as sleep} from "node:timers/promises";
import {afterAll, expect, it} from "vitest";
import {type LiveEvent, type LiveOptions, record} from "../../../capture/live/capture-live.ts";
import type {Helper} from "../../../capture/live/helper.ts";
import {LiveTally} from "../../../capture/live/live-tally.ts";
import {LocalNets} from "../../../capture/live/local-nets.ts";
import {installedPrograms} from "../../../capture/live/programs.ts";
import {Recorder} from "../../../capture/live/recorder.ts";
import {createMeter, defaultSettings} from "../../../capture/meter/wasm-meter.ts";
import {openLakeWriter} from "../../../capture/partitions/writer.ts";
import {openPipe, PipeBytes} from "../../../capture/sources/pipe.ts";
import {ethernetUdp, pcap} from "../made-capture.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-record-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** A wall clock from here on, in ms; a whole second. */
const beginMs = 1_700_000_000_000;
const sha256 = "c".repeat(64);

/** A capture of ten packets a second of a clock that moves by 100 ms a packet; the wall clock is what `wall` makes of it. */
async function recorded(lake: string, durationS: number, wall: (steadyMs: number) => number) {
  let steadyMs = 0;
  const clock = () => wall(steadyMs);
  const stream = new PassThrough();
  const bytes = new PipeBytes(stream, {patienceMs: 2});
  stream.write(pcap([]));
  const pipe = await openPipe("fake", bytes);
  let isOver = false;
  const helper: Helper = {
    ...pipe!,
    bytes,
    found: {program: {...installedPrograms("tcpdump", process.env)[0].program, delayMs: 0}, path: "fake"},
    loss: {captured: null, kernelDrops: 0, interfaceDrops: 0, programDrops: null},
    ask() {},
    stop() {
      isOver = true;
      stream.end();
    },
    ended: Promise.resolve(null)
  };
  const meter = await createMeter({...defaultSettings, captureSeed: sha256});
  const writer = openLakeWriter(lake, beginMs);
  const tally = new LiveTally(new LocalNets(["10.0.0.0/8"]), beginMs);
  const events: LiveEvent[] = [];
  const recorder = new Recorder({
    capture: {sha256, interface: "fake0", format: "live/tcpdump", meter: "{}"},
    meter,
    writer,
    ring: null,
    tally,
    isJudged: false,
    clock,
    onSealed: (part) => events.push({kind: "sealed", ...part}),
    onRingFailure() {}
  });
  const options = {durationS, rotateS: 1, clock, steady: () => steadyMs, diskFloorBytes: 0, lake};
  const about = {capture: sha256, interface: "fake0", program: "tcpdump" as const};
  const done = record(
    {...(options as unknown as LiveOptions), onEvent: (event) => events.push(event)},
    helper,
    recorder,
    meter,
    about,
    tally
  );
  for (let n = 1; !isOver; n++) {
    steadyMs = 100 * n;
    const frame = ethernetUdp("10.0.0.5", 4000, "192.0.2.9", 7000, Buffer.alloc(58));
    stream.write(pcap([{us: clock() * 1000, frame}]).subarray(24));
    while (!isOver && (meter.counters.packets < n || recorder.isSealing)) await sleep(1);
    // The loop looks at what is due after it took the packet.
    await sleep(4);
  }
  const summary = await done;
  await writer.close();
  return {events, summary};
}

it("seals, tells its status and closes seconds on time after the clock was set back an hour", async () => {
  const backMs = 3_600_000;
  const {events, summary} = await recorded(join(folder, "lake"), 5, (ms) => beginMs + ms - (ms >= 2500 ? backMs : 0));
  const of = <K extends LiveEvent["kind"]>(kind: K) =>
    events.filter((event): event is Extract<LiveEvent, {kind: K}> => event.kind === kind);
  expect(of("status").map(({seconds}) => seconds)).toEqual([1, 2, 3, 4, 5]);
  expect(of("sealed").map(({packets}) => packets)).toEqual([10, 10, 10, 10, 10, 0]);
  const first = beginMs / 1000;
  expect(of("second").map(({second, volume}) => [second - first, volume[0]])).toEqual([
    [0, 9],
    [1, 10],
    // What came until the clock's change was sure.
    [2, 11],
    [-3598, 0],
    [-3597, 9],
    [-3596, 10],
    [-3595, 1]
  ]);
  expect([summary.seconds, summary.packets, summary.problem]).toEqual([5, 50, null]);
});
