/**
 * Fuzzes meter and dissection: npm run fuzz [PACKETS [SEED [KIND]]]. Prints a line of JSON for each kind; ends with
 * an error at the first thing that does not hold. The seed is FLOWBOOK_SEED, or 1, where none is given.
 */
import {Worker} from "node:worker_threads";
import {fuzz} from "./fuzz.ts";
import {kinds} from "./kinds/index.ts";
import {Random} from "./random.ts";
import {validFrames} from "./valid-frames.ts";

/** Seconds of the processor that a batch of 8,192 packets may take; it takes some hundredths. */
const mostSecondsPerBatch = 60;

const [packets = 1_000_000, seed = Number(process.env.FLOWBOOK_SEED ?? 1)] = process.argv.slice(2, 4).map(Number);
const only = process.argv[4];

const batches = new Int32Array(new SharedArrayBuffer(4));
const watchdog = new Worker(new URL("./watchdog.js", import.meta.url), {
  workerData: {batches, most: mostSecondsPerBatch}
});
const valid = await validFrames(new Random(seed));
const chosen = kinds.filter(({name}) => only === undefined || name === only);
const shares = chosen.reduce((sum, {share}) => sum + share, 0);
for (const kind of chosen) {
  const begun = process.cpuUsage();
  const most = Math.ceil((packets * kind.share) / shares);
  const counts = await fuzz(kind, most, seed, valid, () => Atomics.add(batches, 0, 1));
  console.log(JSON.stringify({kind: kind.name, seed, ...counts, cpuSeconds: cpuSeconds(begun)}));
}
await watchdog.terminate();
console.log(JSON.stringify({cpuSeconds: cpuSeconds(), peakMb: process.resourceUsage().maxRSS / 1024}));

function cpuSeconds(since?: NodeJS.CpuUsage): number {
  const {user, system} = process.cpuUsage(since);
  return (user + system) / 1e6;
}
