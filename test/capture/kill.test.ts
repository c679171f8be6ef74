import {spawn} from "node:child_process";
import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {afterAll, beforeAll, expect, it} from "vitest";
import {importCaptures} from "../../capture/import/import.ts";
import {sealedParts} from "../../capture/partitions/layout.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {ethernetUdp, pcap} from "./made-capture.ts";
import {randomFrom} from "./partitions/random-batches.ts";

const root = resolve(import.meta.dirname, "../..");
const seed = Number(process.env.SEED ?? 20261121);
const captures = 40;
const flowsEach = 200;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-kill-"));
  mkdirSync(join(folder, "captures"));
  for (let c = 0; c < captures; c++) {
    const packets = Array.from({length: flowsEach}, (_, i) => ({
      us: c * 1_000_000 + i,
      frame: ethernetUdp(`10.${c}.0.${1 + (i % 250)}`, 1000 + i, "10.99.0.1", 53, Buffer.from("payload"))
    }));
    writeFileSync(join(folder, `captures/${String(c).padStart(2, "0")}.pcap`), pcap(packets));
  }
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

async function counted(lake: string): Promise<{captures: number; flows: number; claimed: number}> {
  const engine = await openLake(lake, {threads: 1});
  const [[inLake, flows, claimed]] = (
    await engine.query(
      "SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM flows), (SELECT coalesce(sum(flows), 0) FROM captures)"
    )
  ).rows;
  await engine.close();
  return {captures: Number(inLake), flows: Number(flows), claimed: Number(claimed)};
}

/** Resolves once the killed runs' folders are gone and a new one is there: from then on it matters when it is killed. */
async function runBegins(lake: string): Promise<void> {
  const before = readdirSync(join(lake, ".runs")).join();
  for (let waited = 0; waited < 20_000; waited += 5) {
    const now = readdirSync(join(lake, ".runs")).join();
    if (now !== "" && now !== before) return;
    await sleep(5);
  }
}

it(`an import killed at any moment leaves whole parts or none, and the next one cleans up (SEED=${seed})`, async () => {
  const random = randomFrom(seed);
  const lake = join(folder, "lake");
  const first = await importCaptures([join(folder, "captures/00.pcap")], {lake, clock: () => 1_790_000_000_000});
  expect(first.parts.length).toBe(1);
  let before = 1;
  for (let round = 0; round < 8; round++) {
    const workers = 1 + (round % 2);
    const child = spawn(
      process.execPath,
      ["bin/flowbook.js", "import", "--no-score", `--workers=${workers}`, "--lake", lake, join(folder, "captures")],
      {cwd: root, stdio: "ignore"}
    );
    const ended = new Promise<void>((done) => child.once("exit", () => done()));
    await Promise.race([runBegins(lake).then(() => sleep(random() * 900)), ended]);
    child.kill("SIGKILL");
    await ended;
    const found = await counted(lake);
    expect(found.flows).toBe(found.claimed);
    expect(found.flows).toBe(found.captures * flowsEach);
    // Each thread has a part of its own.
    if (workers === 1) expect([before, captures]).toContain(found.captures);
    expect(found.captures).toBeGreaterThanOrEqual(before);
    before = found.captures;
  }
  const last = await importCaptures([join(folder, "captures")], {lake, clock: () => 1_800_000_000_000});
  expect(last.failed).toEqual([]);
  expect(await counted(lake)).toEqual({captures, flows: captures * flowsEach, claimed: captures * flowsEach});
  expect(readdirSync(join(lake, ".runs"))).toEqual([]);
  const sealed = new Set(sealedParts(lake));
  for (const table of ["flows", "features"])
    for (const name of readdirSync(join(lake, table))) expect(sealed.has(name.split(".")[0])).toBe(true);
}, 180_000);
