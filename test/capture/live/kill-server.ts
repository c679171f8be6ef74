import {spawn} from "node:child_process";
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {removeLeftovers} from "../../../capture/partitions/run.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {litter} from "../litter.ts";
import {type Cable, layCable, noNamespaces, runIn, sendUdp} from "./network.ts";

// node bin/run.js test/capture/live/kill-server.ts [ROUNDS] [SEED]: kills notebook servers that capture at random moments
// and tells whether what was sealed is there, whole and once, whether the capture ended by itself,
// and what is left lying about.
const [rounds = 20, seed = 1] = process.argv.slice(2).map(Number);
const why = noNamespaces();
if (why) throw new Error(why);
const root = resolve(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "flowbook-server-kills-"));
const lake = join(folder, "lake");
const cable = layCable("kse");
let state = seed >>> 0;
const random = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};

/** Logs in by the printed link and starts a capture, in the namespace where the server listens. */
const client = `
const [link, name] = process.argv.slice(1);
const entered = await fetch(link, {redirect: "manual"});
const cookie = entered.headers.getSetCookie().map((text) => text.split(";")[0]).join("; ");
const origin = new URL(link).origin;
const started = await fetch(origin + "/api/live/start", {method: "POST",
  headers: {cookie, origin, "content-type": "application/json"}, body: JSON.stringify({interface: name})});
if (!started.ok) throw new Error(started.status + " " + (await started.text()));
for (let i = 0; i < 150; i++) {
  const now = await (await fetch(origin + "/api/live", {headers: {cookie}})).text();
  if (now.includes('"running"')) process.exit(0);
  await new Promise((done) => setTimeout(done, 100));
}
throw new Error("the capture does not run");`;

async function counts(): Promise<{flows: number; distinct: number; features: number}> {
  const engine = await openLake(lake, {threads: 1, memoryMb: 256});
  try {
    const {rows} = await engine.query(
      "SELECT count(*), count(DISTINCT (capture_sha256, flow_id)), (SELECT count(*) FROM features) FROM flows"
    );
    const [flows, distinct, features] = rows[0].map(Number);
    return {flows, distinct, features};
  } finally {
    await engine.close();
  }
}

/** Starts a server in the namespace of the receiver; resolves with its link once it answers. */
async function startServer(at: Cable) {
  const args = ["netns", "exec", at.receiver, process.execPath, join(root, "bin/flowbook.js")];
  const server = spawn("ip", [...args, "start", "--no-open", "--port", "0", "--lake", lake], {
    cwd: folder,
    env: {...process.env, FLOWBOOK_IDLE_TIMEOUT_S: "0.5"}
  });
  let said = "";
  for (const stream of [server.stdout, server.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const link = () => /http:\/\/127\.0\.0\.1:\d+\/login\S+/.exec(said)?.[0];
  for (let i = 0; i < 1800 && !link(); i++) await sleep(100);
  const url = link();
  if (!url) {
    server.kill("SIGKILL");
    throw new Error(`the server gave no link: ${said}`);
  }
  return {server, url, said: () => said};
}

async function round(at: Cable, failures: string[], number: number): Promise<number> {
  const {server, url, said} = await startServer(at);
  const asked = await runIn(at.receiver, process.execPath, ["--input-type=module", "-e", client, url, at.interface])
    .ended;
  if (asked.code !== 0) throw new Error(`${asked.stderr} ${said()}`);
  const sending = sendUdp(at, 4000, 500, 60, 50);
  await sleep(5500 + 5000 * random());
  const before = await counts();
  server.kill("SIGKILL");
  await sending;
  // Other captures of this machine are not ours.
  const own = `for p in $(ip netns pids ${at.receiver}); do cat /proc/$p/comm; done 2>/dev/null | grep -qx dumpcap`;
  const ended = spawn("sh", ["-c", `for i in $(seq 200); do ${own} || exit 0; sleep 0.1; done; exit 1`]);
  const code = await new Promise((done) => ended.once("close", done));
  if (code !== 0) failures.push(`round ${number}: the capture goes on`);
  await sleep(1000);
  const after = await counts();
  if (after.flows < before.flows) failures.push(`round ${number}: ${before.flows} flows, then ${after.flows}`);
  if (after.distinct !== after.flows) failures.push(`round ${number}: ${after.flows - after.distinct} flows twice`);
  if (after.features !== after.flows)
    failures.push(`round ${number}: ${after.flows} flows, ${after.features} features`);
  return after.flows;
}

try {
  const failures: string[] = [];
  let flows = 0;
  for (let number = 0; number < rounds; number++)
    try {
      flows = await round(cable, failures, number);
    } catch (error) {
      failures.push(`round ${number}: ${(error as Error).message}`);
    }
  // The next server removes what killed ones left, and leaves nothing itself.
  const {server} = await startServer(cable);
  const ended = new Promise((done) => server.once("exit", done));
  server.kill("SIGTERM");
  await ended;
  removeLeftovers(lake, Date.now());
  const left = litter(lake);
  console.log(JSON.stringify({seed, rounds, flows, litter: left, failures}));
  process.exitCode = failures.length + left.length > 0 ? 1 : 0;
} finally {
  cable.remove();
  rmSync(folder, {recursive: true, force: true});
}
