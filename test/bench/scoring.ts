import {execFileSync} from "node:child_process";
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {importCaptures} from "../../capture/import/import.ts";
import {bundle} from "../../scripts/bundle.js";
import {median} from "./import.ts";

/** What scoring a capture's flows costs, medians over runs of a process each, its start left out. */
export interface ScoringCost {
  readonly flows: number;
  /** Verdicts on flows, without activities. */
  readonly flowsCpuS: number;
  readonly cpuS: number;
}

/** Imports the capture once and scores it `runs` times, by the bundle that users run. */
export async function measureScoring(capture: string, runs: number): Promise<ScoringCost> {
  const folders = ["schema", "capture", "models", "loaders", "src/lib", "test/bench"];
  const script = await bundle("test/bench/scoring-once.ts", folders);
  const folder = mkdtempSync(join(tmpdir(), "flowbook-bench-lake-"));
  try {
    const lake = join(folder, "lake");
    await importCaptures([capture], {lake, clock: Date.now});
    const costs = Array.from({length: runs}, () => {
      const cwd = resolve(import.meta.dirname, "../..");
      return JSON.parse(execFileSync(process.execPath, [script, lake], {encoding: "utf8", cwd})) as ScoringCost;
    });
    return {
      flows: costs[0].flows,
      flowsCpuS: median(costs.map((cost) => cost.flowsCpuS)),
      cpuS: median(costs.map((cost) => cost.cpuS))
    };
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
