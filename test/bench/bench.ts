import {measureImport} from "./import.ts";
import {makeCapture} from "./make-capture.ts";
import {measureMetering} from "./metering.ts";
import {measurePeers} from "./peers.ts";
import {measureScoring} from "./scoring.ts";
import {sharedCapture} from "./shared-captures.ts";

interface Bench {
  readonly name: string;
  readonly what: string;
  /** Path of the capture; null where it cannot be made here. */
  readonly capture: () => Promise<string | null> | string | null;
  /** Figures to reach: packets per CPU second of metering (null: none is set) and of import. */
  readonly target: {readonly metering: number | null; readonly import: number};
  /** Measured side by side with other tools. */
  readonly hasPeers: boolean;
  /** Flows to score per CPU second; null where scoring is not measured. */
  readonly scoring: number | null;
}

const benches: readonly Bench[] = [
  {
    name: "own mixed",
    what: "captures as they are, 800 MB",
    capture: async () => (await makeCapture({name: "mixed", bytes: 800e6, packetsPerFlow: 0})).path,
    target: {metering: 3_000_000, import: 600_000},
    hasPeers: false,
    scoring: null
  },
  {
    name: "own short",
    what: "at most 6 packets of each flow, 500 MB",
    capture: async () => (await makeCapture({name: "short", bytes: 500e6, packetsPerFlow: 6})).path,
    target: {metering: null, import: 350_000},
    hasPeers: false,
    scoring: 250_000
  },
  {
    name: "common mixed",
    what: "70 replicas of all Ethernet captures, 1.8 GB",
    capture: () => sharedCapture({name: "mixed", replicas: 70, packetsPerFlow: 0}),
    target: {metering: 3_500_000, import: 1_000_000},
    hasPeers: true,
    scoring: null
  },
  {
    name: "common small",
    what: "260 replicas, at most 6 packets of each flow, 1.3 GB",
    capture: () => sharedCapture({name: "small", replicas: 260, packetsPerFlow: 6}),
    target: {metering: 1_800_000, import: 350_000},
    hasPeers: true,
    scoring: null
  }
];

const peakTargetMb = 1024;
const runs = Number(process.env.BENCH_RUNS ?? 3);
const only = process.argv[2];
const whole = (value: number) => Math.round(value).toLocaleString("en");
const judged = (value: number, target: number | null) =>
  target === null ? "" : `  ${value >= target ? "reaches" : "MISSES"} ${whole(target)}`;
const row = (name: string, packets: number, cpuS: number, rest: string) =>
  console.log(
    `  ${name.padEnd(11)} ${cpuS.toFixed(2).padStart(8)} CPU s ${whole(packets / cpuS).padStart(11)} packets per CPU second${rest}`
  );

console.log(`medians of ${runs} runs (of other tools: one run); CPU seconds are user and system time of all threads`);
let missed = false;
for (const {name, what, capture, target, hasPeers, scoring} of benches.filter(
  (bench) => !only || bench.name.includes(only)
)) {
  const path = await capture();
  console.log(`\n${name}: ${what}${path ? `: ${path}` : ": cannot be made here"}`);
  if (!path) continue;
  const metering = await measureMetering(path, runs);
  const {packets} = metering;
  console.log(`  ${whole(packets)} packets, ${whole(metering.flows)} flows`);
  row("metering", packets, metering.cpuSeconds, judged(metering.packetsPerCpuSecond, target.metering));
  const cost = await measureImport(path, runs);
  row("import", packets, cost.cpuS, `${judged(cost.packetsPerCpuS, target.import)}, the process's start included`);
  console.log(
    `  ${"".padEnd(11)} ${whole(cost.peakMb)} MB at most  ${cost.peakMb <= peakTargetMb ? "within" : "ABOVE"} ${whole(peakTargetMb)}`
  );
  missed ||=
    metering.packetsPerCpuSecond < (target.metering ?? 0) ||
    cost.packetsPerCpuS < target.import ||
    cost.peakMb > peakTargetMb;
  if (scoring !== null) {
    const scored = await measureScoring(path, runs);
    const perCpuS = scored.flows / scored.cpuS;
    console.log(
      `  ${"scoring".padEnd(11)} ${scored.cpuS.toFixed(2).padStart(8)} CPU s ${whole(perCpuS).padStart(11)} flows per CPU second${judged(perCpuS, scoring)}; verdicts on flows alone ${whole(scored.flows / scored.flowsCpuS)}`
    );
    missed ||= perCpuS < scoring;
  }
  if (!hasPeers) continue;
  const times = (cpuS: number, peerS: number) => `${(cpuS / peerS).toFixed(2)} times`;
  for (const peer of measurePeers(path))
    if (peer.cpuS === null) console.log(`  ${peer.name.padEnd(11)} not measured: ${peer.why}`);
    else {
      // Machines, and hours of one machine, differ: the ratios do not.
      const [metered, imported] = [times(metering.cpuSeconds, peer.cpuS), times(cost.cpuS, peer.cpuS)];
      row(peer.name, packets, peer.cpuS, `  (${peer.does}); metering ${metered}, import ${imported} that`);
    }
}
process.exitCode = missed ? 1 : 0;
