import {measureImport} from "./import.ts";
import {type CaptureKind, makeCapture} from "./make-capture.ts";
import {measureMetering} from "./metering.ts";

interface Bench {
  readonly kind: CaptureKind;
  readonly what: string;
  /** Figures to reach: packets per CPU second of metering (null: none is set) and of import. */
  readonly target: {readonly metering: number | null; readonly import: number};
}

const benches: readonly Bench[] = [
  {
    kind: {name: "mixed", bytes: 800e6, packetsPerFlow: 0},
    what: "captures as they are",
    target: {metering: 3_000_000, import: 600_000}
  },
  {
    kind: {name: "short", bytes: 500e6, packetsPerFlow: 6},
    what: "at most 6 packets of each flow: many short ones",
    target: {metering: null, import: 350_000}
  }
];

const peakTargetMb = 1024;
const runs = Number(process.env.BENCH_RUNS ?? 3);
const whole = (value: number) => Math.round(value).toLocaleString("en");
const judged = (value: number, target: number | null) =>
  target === null ? "" : `  ${value >= target ? "reaches" : "MISSES"} ${whole(target)}`;

console.log(`medians of ${runs} runs; CPU seconds are user and system time of all threads`);
let missed = false;
for (const {kind, what, target} of benches) {
  const {path, from} = await makeCapture(kind);
  console.log(`\n${kind.name}: ${what}; made of ${from}: ${path}`);
  const metering = await measureMetering(path, runs);
  const figure = metering.packetsPerCpuSecond;
  console.log(
    `  metering  ${whole(metering.packets)} packets, ${whole(metering.flows)} flows, ${metering.cpuSeconds.toFixed(2)} CPU s`
  );
  console.log(`            ${whole(figure)} packets per CPU second${judged(figure, target.metering)}`);
  const cost = await measureImport(path, runs);
  console.log(
    `  import    ${whole(cost.packets)} packets, ${whole(cost.flows)} flows, ${cost.cpuS.toFixed(2)} CPU s, the process's start included`
  );
  console.log(
    `            ${whole(cost.packetsPerCpuS)} packets per CPU second${judged(cost.packetsPerCpuS, target.import)}`
  );
  console.log(
    `            ${whole(cost.peakMb)} MB at most  ${cost.peakMb <= peakTargetMb ? "within" : "ABOVE"} ${whole(peakTargetMb)}`
  );
  missed ||= figure < (target.metering ?? 0) || cost.packetsPerCpuS < target.import || cost.peakMb > peakTargetMb;
}
process.exitCode = missed ? 1 : 0;
