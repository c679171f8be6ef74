import {type ChildProcess, spawn} from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs";
import {tmpdir} from "node:os";
import {basename, join, resolve} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {importCaptures} from "../../capture/import/import.ts";
import {ensurePython} from "../../cli/python.ts";
import {requirements, sparkHome, submitScoring} from "../../loaders/engines/spark/submit.ts";
import {classifyNewFlows} from "../../loaders/judge/classify.ts";
import {type ScoredPart, scoreElsewhere} from "../../loaders/judge/score-plan.ts";
import {cacheFolder} from "../../scripts/working-copy.js";
import {compareVerdicts} from "./compare-verdicts.ts";
import {copyPart} from "./copied-parts.ts";
import {freePort} from "./tables.ts";

/**
 * `npm run engines-spark [PARTS]`: verdicts of one lake by the loader in this process, and by Spark's job over a master and
 * two workers on this machine, one of which is killed after a quarter of the parts. Compares every column, and has the job
 * score the same lake once more.
 */
const parts = Number(process.argv[2] ?? 60);
const clock = () => 1_795_950_000_000;
const folder = mkdtempSync(join(tmpdir(), "flowbook-spark-"));
const [here, there] = ["here", "there"].map((name) => join(folder, name));
const python = ensurePython(
  {verb: "engines-spark", folder: join(cacheFolder(), "spark"), requirements, size: "1 GB"},
  console.error
);
const home = sparkHome(python);
const groups: ChildProcess[] = [];
try {
  await importCaptures([resolve(import.meta.dirname, "../../data/demo/demo.pcap")], {lake: here, clock});
  await copyPart(here, parts - 1);
  cpSync(here, there, {recursive: true});
  const {verdicts, unscored} = await classifyNewFlows(here, {clock, activities: false});

  const master = `spark://127.0.0.1:${await freePort()}`;
  configure();
  await start(
    "master",
    "org.apache.spark.deploy.master.Master",
    "--host",
    "127.0.0.1",
    "--port",
    master.split(":")[2],
    "--webui-port",
    String(await freePort())
  );
  for (const name of ["worker-1", "worker-2"])
    await start(
      name,
      "org.apache.spark.deploy.worker.Worker",
      "--host",
      "127.0.0.1",
      "--cores",
      "1",
      "--memory",
      "1g",
      "--work-dir",
      join(folder, name),
      "--webui-port",
      String(await freePort()),
      master
    );

  const job = scoreElsewhere(there, {clock}, (plan) => submitScoring<ScoredPart>(plan, {python, master}));
  let isDone = false;
  const ended = job.finally(() => (isDone = true));
  ended.catch(() => {});
  while (!isDone && filesOf(there).length < parts / 4) await sleep(50);
  const writtenAtKill = filesOf(there).length;
  end(groups[1]);
  const done = await ended;
  const byWorker = Object.fromEntries(
    ["worker-1", "worker-2"].map((name) => [name, done.filter(({worker}) => worker.includes(`/${name}/`)).length])
  );
  const scoredThere = done.reduce((sum, part) => sum + part.verdicts, 0);

  const before = stamps(there);
  const again = await scoreElsewhere(there, {clock}, (plan) => submitScoring<ScoredPart>(plan, {python, master}));
  const difference = await compareVerdicts(here, there);
  const result = {
    parts,
    flows: verdicts,
    scoredThere,
    writtenAtKill,
    byWorker,
    ...difference,
    scoredAgain: again.length,
    isUntouched: JSON.stringify(before) === JSON.stringify(stamps(there))
  };
  console.log(JSON.stringify(result));
  const isRight =
    unscored === 0 &&
    scoredThere === verdicts &&
    difference.rows === verdicts &&
    difference.otherValues === 0 &&
    difference.largest <= 1e-5 &&
    again.length === 0 &&
    result.isUntouched;
  const isKilledInTheMiddle = writtenAtKill < parts && byWorker["worker-1"] > 0 && byWorker["worker-2"] > 0;
  if (!isKilledInTheMiddle) console.error("the kill did not fall between parts of both workers: take more parts");
  process.exitCode = isRight && isKilledInTheMiddle ? 0 : 1;
} finally {
  for (const group of groups) end(group);
  await sleep(500);
  rmSync(folder, {recursive: true, force: true});
}
process.exit();

/** Memory and cores of the job; the executors are both there before it begins. */
function configure(): void {
  const conf = join(folder, "conf");
  mkdirSync(conf);
  const settings = {
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    "spark.executor.cores": "1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.scheduler.minRegisteredResourcesRatio": "1.0",
    "spark.scheduler.maxRegisteredResourcesWaitingTime": "300s"
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
  writeFileSync(join(conf, "spark-defaults.conf"), lines.join(""));
  process.env.SPARK_CONF_DIR = conf;
}

/** Starts a process of Spark's in a group of its own, and waits until it says that it listens or is registered. */
async function start(name: string, ...command: readonly string[]): Promise<void> {
  const path = join(folder, `${name}.log`);
  const log = openSync(path, "w", 0o600);
  const child = spawn(join(home, "bin/spark-class"), command, {
    detached: true,
    stdio: ["ignore", log, log],
    env: {
      ...process.env,
      SPARK_HOME: home,
      SPARK_DAEMON_MEMORY: "256m",
      SPARK_LOCAL_IP: "127.0.0.1",
      PYSPARK_PYTHON: python
    }
  });
  groups.push(child);
  for (let tries = 0; tries < 1200; tries++) {
    if (/New state: ALIVE|Successfully registered with master/.test(readFileSync(path, "utf8"))) return;
    if (child.exitCode !== null) break;
    await sleep(100);
  }
  throw new Error(`${name} did not start: ${readFileSync(path, "utf8").slice(-2000)}`);
}

/** Ends a process with what it started, as a power cut does. */
function end({pid, exitCode, signalCode}: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL");
}

function filesOf(lake: string): string[] {
  const verdicts = join(lake, "verdicts");
  return existsSync(verdicts) ? readdirSync(verdicts).map((name) => join(verdicts, name)) : [];
}

function stamps(lake: string): [string, number][] {
  return filesOf(lake).map((path) => [basename(path), statSync(path).mtimeMs]);
}
