import {spawnSync} from "node:child_process";
import {accessSync, constants, existsSync, readdirSync, realpathSync, statfsSync} from "node:fs";
import {createRequire} from "node:module";
import {delimiter, dirname, join} from "node:path";
import {isCheckout} from "../../scripts/working-copy.js";
import type {Check} from "../../src/lib/health.js";
import {findTracer} from "./tracer.ts";

export interface CheckOptions {
  readonly project: string;
  readonly lake: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Looks at what flowbook needs and uses on this machine; changes nothing. */
export async function checkMachine(options: CheckOptions): Promise<Check[]> {
  return [
    checkNode(),
    checkPackages(options),
    checkLake(options),
    checkDisk(options),
    await checkModels(options),
    checkCaptureProgram(options),
    checkPrivileges(options),
    checkLibpcap(),
    checkCap(options),
    checkTracer(options),
    checkChromium(options)
  ];
}

const ok = (name: string, found: string): Check => ({name, state: "ok", found, remedy: null});
const warn = (name: string, found: string, remedy: string): Check => ({name, state: "warn", found, remedy});
const fail = (name: string, found: string, remedy: string): Check => ({name, state: "fail", found, remedy});

function checkNode(): Check {
  const [major] = process.versions.node.split(".").map(Number);
  return major >= 20
    ? ok("Node", process.version)
    : fail("Node", process.version, "install Node 20 or newer: https://nodejs.org");
}

function checkPackages({project}: CheckOptions): Check {
  const needed = ["@duckdb/node-api", "@observablehq/framework", "onnxruntime-node", "fastify", "esbuild"];
  const missing = needed.filter((name) => !existsSync(join(project, "node_modules", name, "package.json")));
  return missing.length === 0
    ? ok("packages", "installed")
    : fail("packages", `missing: ${missing.join(", ")}`, `run npm ci in ${project}`);
}

function checkLake({lake}: CheckOptions): Check {
  if (!existsSync(lake)) {
    const parent = firstExisting(dirname(lake));
    return canWrite(parent)
      ? ok("lake", `${lake}: not made yet`)
      : fail("lake", `${lake}: cannot be made in ${parent}`, "name another with --lake DIR, or FLOWBOOK_LAKE");
  }
  try {
    const captures = join(lake, "captures");
    const parts = existsSync(captures) ? readdirSync(captures).filter((name) => name.endsWith(".parquet")).length : 0;
    if (!canWrite(lake))
      return warn(
        "lake",
        `${lake}: read only, ${parts} ${parts === 1 ? "part" : "parts"}`,
        `to import, give yourself write access: chown -R ${userName()} ${lake}`
      );
    return ok("lake", `${lake}: ${parts} ${parts === 1 ? "part" : "parts"}`);
  } catch (error) {
    return fail("lake", (error as Error).message, `give yourself read access: chown -R ${userName()} ${lake}`);
  }
}

const leastFreeBytes = 2 * 1024 ** 3;

function checkDisk({lake}: CheckOptions): Check {
  const {bavail, bsize} = statfsSync(firstExisting(lake));
  const free = bavail * bsize;
  const found = `${(free / 1e9).toFixed(1)} GB free for the lake`;
  return free >= leastFreeBytes
    ? ok("disk", found)
    : warn("disk", found, "free some space, or name a lake elsewhere with --lake DIR");
}

/** Loads the models as scoring does: a file that is there may still be unfit. */
async function checkModels({project}: CheckOptions): Promise<Check> {
  try {
    const [{loadModel}, {withoutWords}] = await Promise.all([
      import("../../models/model.ts"),
      import("../judge/classify.ts")
    ]);
    const {model, problem} = await loadModel(join(project, "models"));
    if (!model) return warn("models", `flows are not scored: ${problem?.message}`, modelsRemedy);
    const found = [model.classifier, model.anomaly, model.activity].flatMap((one) => (one ? [one.card.file] : []));
    const without = withoutWords(model);
    await model.close();
    return without ? warn("models", `${found.join(", ")}; ${without}`, modelsRemedy) : ok("models", found.join(", "));
  } catch (error) {
    return warn("models", `flows are not scored: ${(error as Error).message}`, "run npm ci");
  }
}

const modelsRemedy = "install flowbook again, or train models of your own: flowbook train";

function checkCaptureProgram({env}: CheckOptions): Check {
  const found = captureProgram(env);
  return found
    ? ok("capture program", found)
    : warn("capture program", "neither dumpcap nor tcpdump", "on Debian: apt-get install tcpdump");
}

/** Whether packets can be captured without being root, and the command that allows it. */
function checkPrivileges({env}: CheckOptions): Check {
  if (process.getuid?.() === 0)
    return ok("privileges", "root: captures; given up for the lake's owner or nobody before packets are parsed");
  const program = captureProgram(env);
  if (!program) return warn("privileges", "no program to grant them to", "install tcpdump or dumpcap first");
  if (process.platform !== "linux") return ok("privileges", `${program}: told when a capture begins`);
  const grant = `sudo setcap cap_net_raw,cap_net_admin=eip ${program}`;
  const getcap = onPath("getcap", env) ?? ["/sbin/getcap", "/usr/sbin/getcap"].find((path) => existsSync(path));
  if (!getcap) return warn("privileges", "unknown: getcap is missing", grant);
  const {stdout} = spawnSync(getcap, [program], {encoding: "utf8", timeout: 5000});
  return stdout.includes("cap_net_raw") && canRun(program)
    ? ok("privileges", stdout.trim())
    : warn("privileges", `${program} may not capture as ${userName()}`, grant);
}

function checkLibpcap(): Check {
  const headers = ["/usr/include/pcap/pcap.h", "/usr/local/include/pcap/pcap.h", "/opt/homebrew/include/pcap/pcap.h"];
  const found = headers.find((path) => existsSync(path));
  return found
    ? ok("libpcap headers", found)
    : warn("libpcap headers", "missing: the cap addon cannot be built", "on Debian: apt-get install libpcap-dev");
}

function checkCap({project}: CheckOptions): Check {
  try {
    createRequire(join(project, "package.json"))("cap");
    return ok("cap addon", "loads");
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    const remedy = isCheckout(project) ? "npm start builds it" : "installing flowbook again builds it";
    return warn("cap addon", `optional, not there: ${reason}`, `with libpcap's headers installed, ${remedy}`);
  }
}

function checkTracer({env}: CheckOptions): Check {
  const tracer = findTracer(env.PATH);
  return tracer
    ? ok("route tracer", tracer.path)
    : warn("route tracer", "missing: Notices traces no routes", "on Debian: apt-get install traceroute");
}

function checkChromium({env}: CheckOptions): Check {
  const path =
    env.CHROMIUM ?? ["chromium", "chromium-browser", "google-chrome"].map((name) => onPath(name, env)).find(Boolean);
  return path && existsSync(path)
    ? ok("Chromium", path)
    : warn("Chromium", "missing: browser tests are left out", "on Debian: apt-get install chromium, or set CHROMIUM");
}

function captureProgram(env: NodeJS.ProcessEnv): string | null {
  const found = onPath("dumpcap", env) ?? onPath("tcpdump", env);
  const elsewhere = ["/usr/sbin/tcpdump", "/usr/bin/tcpdump", "/usr/bin/dumpcap"].find((path) => existsSync(path));
  const path = found ?? elsewhere;
  return path ? realpathSync(path) : null;
}

function onPath(program: string, env: NodeJS.ProcessEnv): string | null {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? null;
}

function firstExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : firstExisting(dirname(path));
}

const canWrite = (path: string) => allows(path, constants.R_OK | constants.W_OK);
const canRun = (path: string) => allows(path, constants.X_OK);

function allows(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

const userName = () => process.env.USER ?? "$USER";
