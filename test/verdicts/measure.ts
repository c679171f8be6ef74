import {hasSharedData, sharedData} from "../shared-data.ts";
import {measureAnomalyRates} from "./anomaly-rates.ts";
import type {Column} from "./column.ts";
import {incidentsColumn} from "./columns/incidents.ts";
import {rulesColumn} from "./columns/rules.ts";
import {judgedCaptures} from "./judged-captures.ts";
import {judgedLake} from "./judged-lake.ts";
import {measureLab} from "./lab.ts";
import {measureLive} from "./live-as-file.ts";
import {measurePlanted} from "./planted.ts";
import {reportOf} from "./report.ts";

/**
 * `npm run verdicts`: what the detectors say of captures of other networks, benign and with attacks. `npm run verdicts
 * rules` measures one column, `anomalies` how many flows are unlike the past. `npm run verdicts -- --lab RUN…`: what became of each attack of runs of the lab (folders
 * with a capture and its truth), which should be networks that were not trained on.
 * `npm run verdicts -- --live CAPTURE…`: whether captures have the same incidents live as their files have (as root).
 * `npm run verdicts -- --planted RUN`: whether changes are seen that are planted in the second half of a run.
 */
const columns: readonly Column[] = [rulesColumn, incidentsColumn];

async function measure(names: readonly string[]): Promise<void> {
  if (names.length === 0 || names.includes("anomalies")) await measureAnomalyRates(judgedCaptures());
  if (names.join() === "anomalies") return;
  const asked = names.length === 0 ? columns : columns.filter(({name}) => names.includes(name));
  if (asked.length === 0)
    throw new Error(`columns: expected some of ${columns.map(({name}) => name).join(", ")}, found ${names.join(", ")}`);
  const lake = await judgedLake(judgedCaptures());
  try {
    for (const {file} of lake.captures) if (!lake.hashes.has(file)) console.log(`not readable: ${file}`);
    for (const column of asked) {
      const found = await column.judge(lake);
      const said = new Map([...lake.hashes].map(([file, hash]) => [file, found.get(hash) ?? []]));
      console.log(reportOf(column.name, lake.captures, said).join("\n"));
    }
  } finally {
    lake.close();
  }
}

const [first, ...others] = process.argv.slice(2);
if (first === "--lab") await measureLab(others);
else if (first === "--live") await measureLive(others);
else if (first === "--planted") await measurePlanted(others[0]);
else if (hasSharedData) await measure(process.argv.slice(2));
else {
  console.error(`verdicts: ${sharedData} is absent`);
  process.exitCode = 1;
}
