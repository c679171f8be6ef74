import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {importCaptures} from "../../capture/import/import.ts";
import {classifyNewFlows} from "../../loaders/judge/classify.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {sharedData} from "../shared-data.ts";
import type {JudgedCapture} from "./judged-captures.ts";

/**
 * Prints how many flows of benign captures are anomalous: every second capture is a lake's past and compared with itself,
 * the others come later and are compared with them.
 */
export async function measureAnomalyRates(captures: readonly JudgedCapture[]): Promise<void> {
  const benign = captures.filter(({attack}) => attack === null).map(({file}) => resolve(sharedData, file));
  const lake = mkdtempSync(join(tmpdir(), "flowbook-rates-"));
  try {
    console.log("# anomalies of benign captures of others\n");
    for (const [k, name] of ["past, compared with itself", "captures that came later"].entries()) {
      const own = benign.filter((_, i) => i % 2 === k);
      const {captures: imported} = await importCaptures(own, {lake, clock: Date.now, workers: 1});
      await classifyNewFlows(lake, {clock: Date.now});
      const engine = await openLake(lake);
      try {
        const hashes = imported.map(({row}) => `'${row.capture_sha256}'`).join(", ");
        const {rows} = await engine.query(
          `SELECT count(*), count(*) FILTER (is_anomaly) FROM verdicts WHERE capture_sha256 IN (${hashes}) AND anomaly_score IS NOT NULL`
        );
        const [flows, anomalous] = rows[0].map(Number);
        console.log(
          `- ${name}: ${anomalous} of ${flows} flows anomalous at 1 % (${((100 * anomalous) / flows).toFixed(2)} %)`
        );
      } finally {
        await engine.close();
      }
    }
  } finally {
    rmSync(lake, {recursive: true, force: true});
  }
}
