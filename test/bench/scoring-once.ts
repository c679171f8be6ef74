import {rmSync} from "node:fs";
import {join} from "node:path";
import {classifyNewFlows} from "../../loaders/judge/classify.ts";

/** Scores a lake anew and tells what it cost: models opened, flows and activities judged, all written. */
const [lake] = process.argv.slice(2);
for (const table of ["verdicts", "activities"]) rmSync(join(lake, table), {recursive: true, force: true});
const {user, system} = process.cpuUsage();
const {scored} = await classifyNewFlows(lake, {clock: Date.now, activities: false});
const flows = process.cpuUsage({user, system});
await classifyNewFlows(lake, {clock: Date.now});
const all = process.cpuUsage({user, system});
const seconds = (usage: NodeJS.CpuUsage) => (usage.user + usage.system) / 1e6;
console.log(JSON.stringify({flows: scored, flowsCpuS: seconds(flows), cpuS: seconds(all)}));
