import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {sealedParts} from "../../../capture/partitions/layout.ts";
import {mergeParts} from "../../../capture/partitions/merge.ts";
import {type LakeEngine, openLake} from "../../../loaders/lake/duckdb.ts";
import {lossData} from "../../../loaders/results/page-data.ts";
import {type LossStretch, lossByTime, lossStretches} from "../../../src/lib/loss.ts";
import {lossSql} from "../../../src/lib/loss-sql.ts";
import {gridFor} from "../../../src/lib/time-grid.ts";
import {files, toldLate, watched, writeLossyLake} from "../../fixtures/lossy-lake.ts";
import {recordInPieces} from "../../fixtures/played-ring.ts";
import {randomFrom} from "../../pages/random-filter.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-loss-"));
const seed = Number(process.env.FLOWBOOK_TEST_SEED ?? 20_260_304);
const begin = watched.beginUs;
const now = Date.UTC(2026, 2, 4, 10);

/** Layer, begin and end in s after the first packet, lost, received. */
const stretches = [
  ["a", "kernel", 5, 10, 250, 750],
  ["a", "kernel", 15, 20, 100, 850],
  ["a", "interface", 15, 20, 50, 850],
  ["a", "pipe", 0, 25, 50, 4600],
  ["b", "kernel", 60, 75, 300, 1700],
  ["c", "kernel", 120, 125, 40, 60]
];

const stretchSql = `SELECT capture_sha256[1:1], layer, (epoch_us(ts_start) - ${begin}) / 1e6, (epoch_us(ts_end) - ${begin}) / 1e6,
  packets, received FROM loss ORDER BY 1, 3 DESC, 2`;
const inOrder = [stretches[1], stretches[2], stretches[0], stretches[3], stretches[4], stretches[5]].sort(
  (a, b) =>
    String(a[0]).localeCompare(String(b[0])) || Number(b[2]) - Number(a[2]) || String(a[1]).localeCompare(String(b[1]))
);

async function withLake<T>(lake: string, use: (engine: LakeEngine) => Promise<T>): Promise<T> {
  const engine = await openLake(lake, {threads: 1, memoryMb: 256, exportFolder: folder});
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}

const plain = (rows: readonly (readonly unknown[])[]) =>
  rows.map((row) => row.map((value) => (typeof value === "bigint" ? Number(value) : value)));

let lake: string;
let shown: LossStretch[];

beforeAll(async () => {
  lake = join(folder, "lake");
  await writeLossyLake(lake, [watched, toldLate, ...files], now);
  await withLake(lake, async (engine) => {
    const {columns, rows} = await engine.query(lossData.sql(null));
    shown = lossStretches(rows.map((row) => Object.fromEntries(row.map((value, k) => [columns[k].name, value]))));
  });
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

describe("the view loss", () => {
  it("has a stretch for each part and layer that lost packets; what is told late spans the parts before", async () => {
    await withLake(lake, async (engine) => expect(plain((await engine.query(stretchSql)).rows)).toEqual(inOrder));
  });

  it("says the same after the parts were merged, twice over", async () => {
    const merged = join(folder, "merged");
    await writeLossyLake(merged, [watched, toldLate], now);
    const runs = [...new Set(sealedParts(merged).map((part) => part.slice(0, part.lastIndexOf("-"))))];
    expect(sealedParts(merged)).toHaveLength(8);
    for (const run of runs) await mergeParts(merged, now, run);
    expect(sealedParts(merged)).toHaveLength(2);
    await withLake(merged, async (engine) => {
      expect(plain((await engine.query(stretchSql)).rows)).toEqual(inOrder.filter(([capture]) => capture !== "c"));
      expect(plain((await engine.query("SELECT count(*), sum(packets) FROM parts")).rows)).toEqual([[8, 6300]]);
    });
  });

  it("forgets the parts of a capture that was imported again", async () => {
    const again = join(folder, "again");
    await writeLossyLake(again, [files[0], {...files[0], parts: [{...files[0].parts[0], kernel: 2}]}], now);
    await withLake(again, async (engine) => {
      expect(plain((await engine.query("SELECT layer, packets, received FROM loss")).rows)).toEqual([
        ["kernel", 2, 60]
      ]);
    });
  });

  it("has what a recorder was told between two seals of a capture, at the times of its packets", async () => {
    const recorded = join(folder, "recorded");
    const drops = [0, 40, 40, 100];
    const told = drops.map((kernelDrops) => ({captured: null, kernelDrops, interfaceDrops: 0, programDrops: null}));
    const pieces = await recordInPieces(recorded, told);
    await withLake(recorded, async (engine) => {
      const {rows} = await engine.query(
        "SELECT layer, epoch_us(ts_start), epoch_us(ts_end), packets, received FROM loss ORDER BY ts_start"
      );
      expect(plain(rows)).toEqual([
        ["kernel", pieces[1].from, pieces[1].to, 40, pieces[1].packets],
        ["kernel", pieces[3].from, pieces[3].to, 60, pieces[3].packets]
      ]);
    });
  });

  it("adds up to what the captures say they lost", async () => {
    await withLake(lake, async (engine) => {
      const {rows} = await engine.query(`SELECT
        (SELECT sum(packets) FROM loss), (SELECT sum(coalesce(kernel_drops, 0) + coalesce(interface_drops, 0) + coalesce(pipe_drops, 0)) FROM captures)`);
      expect(plain(rows)).toEqual([[790, 790]]);
    });
  });
});

describe("packets lost in a page's time buckets", () => {
  const grid = {originUs: begin, widthUs: 5_000_000, count: 26};

  it("are those of their part, and an even share of what was told late", () => {
    expect(lossByTime(shown, {captures: [watched.sha256]}, grid)).toEqual(
      [
        [0, 1000, 0, 0, 10, 0],
        [5, 750, 0, 250, 10, 0],
        [10, 1000, 0, 0, 10, 0],
        [15, 850, 50, 100, 10, 7],
        [20, 1000, 0, 0, 10, 0]
      ].map(([at, received, device, kernel, pipe, evicted]) => ({
        ts: begin + at * 1e6,
        received,
        interface: device,
        kernel,
        pipe,
        evicted
      }))
    );
    expect(
      lossByTime(shown, {captures: [toldLate.sha256]}, grid).map(({kernel, received}) => [kernel, received])
    ).toEqual([
      [100, 500],
      [100, 500],
      [100, 700]
    ]);
  });

  it("are none of captures that lost none", () => {
    expect(lossByTime(shown, {captures: [files[1].sha256]}, grid)).toEqual([]);
    expect(shown.filter(({capture}) => capture === files[1].sha256)).toEqual([]);
  });

  it(`equal SQL over the lake, for random windows, captures and grids (seed ${seed})`, async () => {
    const random = randomFrom(seed);
    const all = [watched, toldLate, ...files].map(({sha256}) => sha256);
    await withLake(lake, async (engine) => {
      let compared = 0;
      for (let n = 0; n < 24; n++) {
        const some = all.filter(() => random() < 0.6);
        const [a, b] = [random(), random()].sort((x, y) => x - y).map((x) => begin + Math.floor((x * 150 - 10) * 1e6));
        const filter = {
          ...(random() < 0.5 && some.length ? {captures: some} : {}),
          ...(random() < 0.6 ? {from: a} : {}),
          ...(random() < 0.6 ? {to: b + 1} : {})
        };
        const window = gridFor({from: filter.from ?? begin, to: filter.to ?? begin + 130e6}, 2 + random() * 150);
        const {columns, rows} = await engine.query(lossSql(filter, window));
        expect(columns.map(({name}) => name)).toEqual(["ts_us", "received", "interface", "kernel", "pipe", "evicted"]);
        const own = lossByTime(shown, filter, window);
        expect(
          own.map(({ts}) => ts),
          JSON.stringify(filter)
        ).toEqual(rows.map(([ts]) => Number(ts)));
        for (const [i, {ts: _, ...counts}] of own.entries())
          for (const [k, value] of Object.values(counts).entries()) {
            expect(value).toBeCloseTo(Number(rows[i][k + 1]), 6);
            compared++;
          }
      }
      expect(compared).toBeGreaterThan(300);
    });
  });
});
