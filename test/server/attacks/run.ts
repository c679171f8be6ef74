import {spawn} from "node:child_process";
import {mkdtempSync, readdirSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {parseArgs} from "node:util";
import type {Attack} from "./attack.ts";
import {httpAttacks} from "./http.ts";
import {sqlAttacks} from "./sql.ts";
import {nestedQueries} from "./statements.ts";
import {ask, askSql, type Target} from "./target.ts";
import {uploadAttacks} from "./uploads.ts";
import {wireAttacks} from "./wire.ts";

// Attacks a server of its own, and prints what came of each: npm run attacks [-- --only TEXT]

const {values} = parseArgs({options: {only: {type: "string"}, lake: {type: "string"}}});
const root = resolve(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "flowbook-attacks-"));
const lake = values.lake ?? join(folder, "lake");
const child = spawn(
  process.execPath,
  [join(root, "bin/flowbook.js"), "start", "--lake", lake, "--port", "0", "--no-open", "--json"],
  {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: root
  }
);
const ended = new Promise<string>((done) => child.on("exit", (code, signal) => done(signal ?? `code ${code}`)));
const printed = await new Promise<string>((done) => child.stdout.setEncoding("utf8").once("data", done));
const {url, link} = JSON.parse(printed) as {url: string; link: string};
const cookie = (await fetch(link)).headers.get("set-cookie") ?? "";
const target: Target = {origin: url, session: /=([^;]+)/.exec(cookie)?.[1] ?? ""};

let failures = 0;
console.log("| attack | outcome | s | others, longest s | peak MB |\n|---|---|---|---|---|");
for (const attack of [...sqlAttacks, ...httpAttacks, ...wireAttacks, ...uploadAttacks])
  if (attack.name.includes(values.only ?? "")) await attempt(attack);
await end();
process.exitCode = failures > 0 ? 1 : 0;

async function attempt({name, expected, run}: Attack): Promise<void> {
  let isOver = false;
  let longestMs = 0;
  let peakMb = 0;
  const watch = (async () => {
    while (!isOver) {
      const asked = performance.now();
      const answer = await ask(target, "/api/health");
      longestMs = Math.max(longestMs, answer.startsWith("200") ? performance.now() - asked : Number.POSITIVE_INFINITY);
      peakMb = Math.max(peakMb, memoryOf(child.pid ?? 0));
      await new Promise((wait) => setTimeout(wait, 50));
    }
  })();
  const begun = performance.now();
  const outcome = await run(target).catch((error: Error) => `failed: ${error.message}`);
  const seconds = (performance.now() - begun) / 1000;
  isOver = true;
  await watch;
  const isExpected = expected.test(outcome);
  if (!isExpected) failures++;
  const cells = [
    name,
    outcome + (isExpected ? "" : `: UNEXPECTED, expected ${expected}`),
    seconds.toFixed(1),
    (longestMs / 1000).toFixed(2),
    peakMb.toFixed(0)
  ];
  console.log(`| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
}

/** Ends the server by SIGTERM while four bombs run. */
async function end(): Promise<void> {
  const bombs = Array.from({length: 4}, () => askSql(target, nestedQueries(25)).catch(() => "connection closed"));
  await new Promise((wait) => setTimeout(wait, 1500));
  const pids = descendants(child.pid ?? 0);
  const begun = performance.now();
  child.kill("SIGTERM");
  const how = await ended;
  const seconds = (performance.now() - begun) / 1000;
  await Promise.all(bombs);
  const left = pids.filter((pid) => readdirSync("/proc").includes(String(pid)) && !isZombie(pid));
  if (seconds > 5 || left.length > 0) failures++;
  console.log(
    `\nSIGTERM under four bombs: ${how} after ${seconds.toFixed(2)} s; of ${pids.length} children ${left.length} left.`
  );
  rmSync(folder, {recursive: true, force: true});
}

/** Processes below a process (Linux). */
function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const fields = statOf(Number(name));
    if (fields) parents.set(Number(name), Number(fields[1]));
  }
  const below = (of: number): number[] =>
    [...parents].filter(([, parent]) => parent === of).flatMap(([one]) => [one, ...below(one)]);
  return below(pid);
}

/** Fields of a process from its state on; null where there is none. */
function statOf(pid: number): string[] | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
  } catch {
    return null;
  }
}

function isZombie(pid: number): boolean {
  return statOf(pid)?.[0] === "Z";
}

/** Resident memory of a process and all below it, in MB. */
function memoryOf(pid: number): number {
  return [pid, ...descendants(pid)].reduce((sum, one) => sum + (Number(statOf(one)?.[21] ?? 0) * 4096) / 1e6, 0);
}
