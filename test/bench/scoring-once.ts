import {rmSync} from "node:fs";
import {join} from "node:path";
import {classifyNewFlows} from "../../loaders/judge/classify.ts";

/**
 * Scores a lake anew and tells what it cost, models opened and all written: first flows alone, then, again from the
 * beginning, flows and activities, as an import does.
 */
const [lake] = process.argv.slice(2);
let scored = 0;
async function cpuSeconds(activities: boolean): Promise<number> {
  for (const table of ["verdicts", "activities"]) rmSync(join(lake, table), {recursive: true, force: true});
  const before = process.cpuUsage();
  ({scored} = await classifyNewFlows(lake, {clock: Date.now, activities}));
  const {user, system} = process.cpuUsage(before);
  return (user + system) / 1e6;
}
const flowsCpuS = await cpuSeconds(false);
console.log(JSON.stringify({flows: scored, flowsCpuS, cpuS: await cpuSeconds(true)}));
