import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {killRounds} from "./kill-rounds.ts";
import {layCable, noNamespaces} from "./network.ts";

// node bin/run.js test/capture/live/kill-many.ts [ROUNDS] [SEED]: kills captures at random moments and tells what was lost.
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
  const report = await killRounds(cable, join(folder, "lake"), rounds, random);
  console.log(JSON.stringify({seed, ...report}));
  process.exitCode = report.failures.length > 0 ? 1 : 0;
} finally {
  cable.remove();
  rmSync(folder, {recursive: true, force: true});
}
