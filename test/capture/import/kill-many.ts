import {spawn} from "node:child_process";
import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {importCaptures} from "../../../capture/import/import.ts";
import {lakeDamage} from "../../../capture/partitions/lost-files.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {litter} from "../litter.ts";
import {ethernetUdp, pcap} from "../made-capture.ts";

// node bin/run.js test/capture/import/kill-many.ts [ROUNDS] [SEED]: kills imports of new and of longer captures, of pipes,
// and forgettings, at random moments, and tells what was lost, what counts twice, and what is left lying about.
const [rounds = 60, seed = 1] = process.argv.slice(2).map(Number);
const bin = resolve(import.meta.dirname, "../../../bin/flowbook.js");
const folder = mkdtempSync(join(tmpdir(), "flowbook-import-kills-"));
const lake = join(folder, "lake");
let state = seed >>> 0;
const random = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};

const flows = (host: number, count: number) =>
  pcap(
    Array.from({length: count}, (_, i) => ({
      us: host * 1_000_000 + i,
      frame: ethernetUdp(`10.${host >> 8}.${host & 255}.1`, 1000 + i, "10.99.0.1", 53, Buffer.from("payload"))
    }))
  );

/** Flows by path of the captures that readers see. */
async function seen(): Promise<{byPath: Map<string, number>; problems: string[]}> {
  const engine = await openLake(lake, {threads: 1, memoryMb: 256});
  try {
    const {rows} = await engine.query(
      `SELECT c.path, any_value(c.flows), count(f.flow_id), count(DISTINCT c.capture_sha256), count(DISTINCT f.flow_id)
       FROM captures AS c LEFT JOIN flows AS f USING (capture_sha256) GROUP BY c.path`
    );
    const [[all, features]] = (
      await engine.query("SELECT (SELECT count(*) FROM flows), (SELECT count(*) FROM features)")
    ).rows;
    const problems = all === features ? [] : [`${all} flows, ${features} features`];
    for (const [path, claimed, found, captures, distinct] of rows)
      if (claimed !== found || captures !== 1n || distinct !== found)
        problems.push(`${path}: ${claimed} flows claimed, ${found} found, ${distinct} distinct, ${captures} captures`);
    return {byPath: new Map(rows.map(([path, , found]) => [String(path), Number(found)])), problems};
  } finally {
    await engine.close();
  }
}

/** Runs a verb and kills it after so many ms; true where it ended before. */
async function killed(args: readonly string[], afterMs: number, input?: Buffer): Promise<boolean> {
  const child = spawn(process.execPath, [bin, ...args, "--lake", lake], {
    stdio: [input ? "pipe" : "ignore", "ignore", "ignore"]
  });
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  const ended = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
  const timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
  const code = await ended;
  clearTimeout(timer);
  return code === 0;
}

try {
  mkdirSync(join(folder, "captures"));
  const path = (host: number) => join(folder, "captures", `${host}.pcap`);
  /** Flows that each capture must have, or, where a change of it was killed, may have. */
  const allowed = new Map<string, number[]>();
  const failures: string[] = [];
  let [kills, lost] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const hosts = [...allowed.keys()];
    const kind = hosts.length < 4 ? "new" : ["new", "grow", "forget", "pipe"][Math.floor(random() * 4)];
    // A pipe does not grow.
    const choice = kind === "grow" ? hosts.filter((name) => name.startsWith(folder)) : hosts;
    const at = choice[Math.floor(random() * choice.length)];
    if (kind !== "new" && kind !== "pipe" && at === undefined) continue;
    const afterMs = 500 + random() * 2500;
    if (kind === "forget") {
      const before = allowed.get(at) as number[];
      const isDone = await killed(["forget", at], afterMs);
      allowed.set(at, isDone ? [0] : [...before, 0]);
      if (!isDone) kills++;
    } else {
      const name = kind === "grow" ? at : kind === "pipe" ? "-" : path(round);
      const count = kind === "grow" ? Math.max(...(allowed.get(at) as number[])) + 50 : 100 + round;
      const host = kind === "grow" ? Number(/(\d+)\.pcap$/.exec(at)?.[1]) : round;
      const bytes = flows(host, count);
      if (kind !== "pipe") writeFileSync(name, bytes);
      const label = kind === "pipe" ? `pipe-${round}` : name;
      const more = kind === "pipe" ? ["--name", label] : [];
      const isDone = await killed(
        ["import", "--no-score", ...more, name],
        afterMs,
        kind === "pipe" ? bytes : undefined
      );
      allowed.set(label, isDone ? [count] : [...(allowed.get(label) ?? [0]), count]);
      if (!isDone) kills++;
    }
    if (!existsSync(join(lake, "captures"))) continue;
    const {byPath, problems} = await seen();
    failures.push(...problems.map((problem) => `round ${round}, ${kind}: ${problem}`));
    for (const [name, counts] of allowed) {
      const found = byPath.get(name) ?? 0;
      if (counts.includes(found)) allowed.set(name, [found]);
      else {
        lost++;
        failures.push(`round ${round}, ${kind}: ${name} has ${found} flows, not ${counts.join(" or ")}`);
        allowed.set(name, [found]);
      }
    }
    // What has no flows may come again: as a new one.
    for (const [name, [count]] of allowed) if (count === 0) allowed.delete(name);
  }
  await sleep(100);
  writeFileSync(path(99_999), flows(250, 10));
  await importCaptures([path(99_999)], {lake, clock: Date.now});
  const left = litter(lake);
  const damage = lakeDamage(lake);
  console.log(JSON.stringify({seed, rounds, kills, lost, litter: left, damage, failures}));
  process.exitCode = failures.length + left.length + damage.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, {recursive: true, force: true});
}
