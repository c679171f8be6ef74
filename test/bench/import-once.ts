import {rmSync} from "node:fs";
import {importCaptures} from "../../capture/import/import.ts";

/** Imports the capture named first into a lake named second, and tells what it cost this process, from its start on. */
const [capture, lake] = process.argv.slice(2);
rmSync(lake, {recursive: true, force: true});
const {captures} = await importCaptures([capture], {lake, clock: Date.now});
const {user, system} = process.cpuUsage();
console.log(
  JSON.stringify({
    packets: captures.reduce((sum, {row}) => sum + Number(row.packets), 0),
    flows: captures.reduce((sum, {row}) => sum + Number(row.flows), 0),
    cpuS: (user + system) / 1e6,
    peakMb: process.resourceUsage().maxRSS / 1024
  })
);
