import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {removeLeftovers} from "../../../capture/partitions/run.ts";
import {litter} from "../litter.ts";
import {killRounds} from "./kill-rounds.ts";
import {layCable, noNamespaces} from "./network.ts";

// node bin/run.js test/capture/live/kill-many.ts [ROUNDS] [SEED]: kills captures at random moments and tells what was lost
// and what is left lying about.
const [rounds = 200, seed = 1] = process.argv.slice(2).map(Number);
const why = noNamespaces();
if (why) throw new Error(why);
const folder = mkdtempSync(join(tmpdir(), "flowbook-kills-"));
const cable = layCable("kil");
let state = seed >>> 0;
const random = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};
try {
  const lake = join(folder, "lake");
  const report = await killRounds(cable, lake, rounds, random);
  // The next writer removes what killed ones left.
  removeLeftovers(lake, Date.now());
  const left = litter(lake);
  const lost = Math.max(0, report.sealedFlows - report.foundFlows);
  console.log(JSON.stringify({seed, ...report, lost, litter: left}));
  process.exitCode = report.failures.length + left.length > 0 ? 1 : 0;
} finally {
  cable.remove();
  rmSync(folder, {recursive: true, force: true});
}
