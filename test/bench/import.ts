import {execFileSync} from "node:child_process";
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {bundle} from "../../scripts/bundle.js";

/** What importing a capture costs, medians over runs of a process each (start, hash, everything; both threads). */
export interface ImportCost {
  readonly packets: number;
  readonly flows: number;
  readonly cpuS: number;
  readonly packetsPerCpuS: number;
  /** Largest resident memory, in MB of 2^20 bytes. */
  readonly peakMb: number;
}

const root = resolve(import.meta.dirname, "../..");

/** Imports the capture `runs` times, each into a new lake in a new process that runs the bundle, as users do. */
export async function measureImport(capture: string, runs: number): Promise<ImportCost> {
  const script = await bundle("test/bench/import-once.ts", ["schema", "capture", "test/bench"]);
  const folder = mkdtempSync(join(tmpdir(), "flowbook-bench-lake-"));
  try {
    const costs = Array.from({length: runs}, () => {
      const printed = execFileSync(process.execPath, [script, capture, join(folder, "lake")], {
        encoding: "utf8",
        cwd: root
      });
      return JSON.parse(printed) as {packets: number; flows: number; cpuS: number; peakMb: number};
    });
    const cpuS = median(costs.map((cost) => cost.cpuS));
    const {packets, flows} = costs[0];
    return {
      packets,
      flows,
      cpuS,
      packetsPerCpuS: packets / cpuS,
      peakMb: Math.max(...costs.map((cost) => cost.peakMb))
    };
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
