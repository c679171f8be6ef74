/** `npm run flood`: a SYN flood of 5 million distinct tuples into a lake; ends with 1 where it takes more than 1 GB. */
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {floodLake} from "./flood-lake.ts";

const packets = 5_000_000;
/** Live flows of an import and of a live capture. */
const maxFlows = 1 << 18;
const mostMb = 1000;

const lake = mkdtempSync(join(tmpdir(), "flowbook-flood-"));
try {
  const begun = performance.now();
  const counters = await floodLake({lake, packets, packetsPerSecond: 1_000_000, maxFlows});
  const seconds = (performance.now() - begun) / 1000;
  const {user, system} = process.cpuUsage();
  // Kilobytes; of the whole process, its threads included.
  const peakMb = (process.resourceUsage().maxRSS * 1024) / 1e6;
  const n = (value: number) => Math.round(value).toLocaleString("en").padStart(12);
  console.log(`packets      ${n(counters.packets)}
flows        ${n(counters.flows)}
evicted      ${n(counters.evictedFlows)}
live at most ${n(maxFlows)}
seconds      ${n(seconds)}
CPU seconds  ${n((user + system) / 1e6)}
peak RSS, MB ${n(peakMb)} (at most ${mostMb})`);
  if (counters.packets !== packets || counters.flows !== packets || peakMb > mostMb) process.exitCode = 1;
} finally {
  rmSync(lake, {recursive: true, force: true});
}
