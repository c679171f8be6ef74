import {existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {gzipSync} from "node:zlib";

import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {type ImportOptions, importCaptures} from "../../../capture/import/import.ts";
import {keepCapture, keptCapture} from "../../../capture/import/kept-captures.ts";
import {compressor} from "../../../capture/partitions/encoder/zstd.ts";
import {finishForgetting} from "../../../capture/partitions/forgetting.ts";
import {forget, tombstones} from "../../../capture/partitions/forgotten.ts";
import {capturesOf} from "../../../capture/partitions/known.ts";
import {parsePart, sealedParts} from "../../../capture/partitions/layout.ts";
import {sweepParts} from "../../../capture/partitions/sweep.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {tables} from "../../../schema/tables.ts";
import {ethernetUdp, pcap} from "../made-capture.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-replaced-"));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

let time = 1_790_000_000_000;
let lakes = 0;
const newLake = () => join(folder, `lake-${lakes++}`);

const run = (lake: string, paths: readonly string[], options: Partial<ImportOptions> = {}) =>
  importCaptures(paths, {lake, clock: () => (time += 1000), ...options});

/** Packets of so many flows of a host. */
const flows = (host: number, count: number) =>
  pcap(
    Array.from({length: count}, (_, i) => ({
      us: i,
      frame: ethernetUdp(`10.0.0.${host}`, 1000 + i, "10.0.0.9", 53, Buffer.from("x"))
    }))
  );

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Paths and packets of the captures that readers see, and flows in all. */
async function seen(lake: string) {
  const engine = await openLake(lake, {threads: 1});
  try {
    const {rows} = await engine.query("SELECT path, CAST(packets AS INTEGER) FROM captures ORDER BY path");
    const counted = await engine.query("SELECT CAST(count(*) AS INTEGER) FROM flows");
    return {
      captures: rows.map(([path, packets]) => [String(path).slice(folder.length + 1), packets]),
      flows: counted.rows[0][0]
    };
  } finally {
    await engine.close();
  }
}

describe("the same packets", () => {
  it("count once, plain, as .gz and as .zst, one after another and at once", async () => {
    const compress = await compressor();
    const bytes = flows(1, 40);
    const paths = [
      file("same.pcap", bytes),
      file("same.pcap.gz", gzipSync(bytes)),
      file("same.pcap.zst", compress(bytes))
    ];
    for (const order of [paths, [...paths].reverse()]) {
      const lake = newLake();
      const known: boolean[] = [];
      for (const path of order) known.push(...(await run(lake, [path])).captures.map((capture) => capture.known));
      expect(known).toEqual([false, true, true]);
      expect(await seen(lake)).toEqual({captures: [[order[0].slice(folder.length + 1), 40]], flows: 40});
    }
    for (const workers of [1, 3]) {
      const lake = newLake();
      const {captures} = await run(lake, paths, {workers});
      expect(captures.map((capture) => capture.known).sort()).toEqual([false, true, true]);
      expect((await seen(lake)).flows).toBe(40);
    }
  });

  it("count once where the compressed file is so large that it is hashed while it is read", async () => {
    const compress = await compressor();
    // Hardly compressible, beyond 8 MiB.
    let z = 1;
    const noise = () =>
      Buffer.from(Array.from({length: 1200}, () => (z = Math.imul(z ^ (z >>> 15), 0x2c1b3c6d) + 0x9e37) & 255));
    const bytes = pcap(
      Array.from({length: 9000}, (_, i) => ({
        us: i,
        frame: ethernetUdp("10.0.0.1", 1000 + (i % 50), "10.0.0.9", 53, noise())
      }))
    );
    const [gz, zst] = [file("large.gz", gzipSync(bytes)), file("large.zst", compress(bytes))];
    const small = file("beside.pcap", flows(7, 3));
    const lake = newLake();
    expect((await run(lake, [gz])).captures.map(({known}) => known)).toEqual([false]);
    const {captures} = await run(lake, [small, zst], {workers: 1});
    expect(captures.map(({row, known}) => [row.path, known])).toEqual([
      [small, false],
      [gz, true]
    ]);
    expect((await seen(lake)).flows).toBe(53);
    expect(readdirSync(join(lake, ".runs"))).toEqual([]);
  });

  it("imported again by force as another file take the place of the first", async () => {
    const bytes = flows(2, 10);
    const [plain, gz] = [file("forced.pcap", bytes), file("forced.pcap.gz", gzipSync(bytes))];
    const lake = newLake();
    await run(lake, [plain]);
    await run(lake, [gz], {force: true});
    expect(await seen(lake)).toEqual({captures: [["forced.pcap.gz", 10]], flows: 10});
  });
});

describe("a capture that grew", () => {
  it("takes the place of its shorter self, and of nothing else", async () => {
    const lake = newLake();
    const growing = file("growing.pcap", flows(3, 10));
    const other = file("other.pcap", flows(4, 5));
    await run(lake, [growing, other]);
    expect((await seen(lake)).flows).toBe(15);
    file("growing.pcap", flows(3, 25));
    await run(lake, [growing]);
    expect(await seen(lake)).toEqual({
      captures: [
        ["growing.pcap", 25],
        ["other.pcap", 5]
      ],
      flows: 30
    });
    expect(tombstones(lake)).toEqual([]);
    // Another file under the same path is another capture.
    file("growing.pcap", flows(5, 30));
    await run(lake, [growing]);
    expect(await seen(lake)).toEqual({
      captures: [
        ["growing.pcap", 25],
        ["growing.pcap", 30],
        ["other.pcap", 5]
      ],
      flows: 60
    });
  });

  it("is not gone where the import of the longer one never ended", async () => {
    const lake = newLake();
    const path = file("half.pcap", flows(6, 10));
    await run(lake, [path]);
    const [{capture_sha256, part}] = await capturesOf(lake);
    forget(lake, capture_sha256, {upTo: parsePart(part).run, after: "f".repeat(64)});
    expect((await seen(lake)).flows).toBe(10);
    expect((await run(lake, [path])).captures[0].known).toBe(true);
  });
});

describe("a capture that is forgotten", () => {
  it("is gone from every table, with its files; the rest of its part stays, and it can come again", async () => {
    const lake = newLake();
    const [a, b, c] = [1, 2, 3].map((host) => file(`forget-${host}.pcap`, flows(10 + host, host * 10)));
    await run(lake, [a, b]);
    await run(lake, [c]);
    const [gone, alone] = await Promise.all(
      [a, c].map(async (path) => (await capturesOf(lake)).find((row) => row.path === path)!)
    );
    for (const row of [gone, alone])
      keepCapture(lake, {path: row.path, sha256: row.capture_sha256, moves: false}, {bytes: 1e9, ageS: 1e9}, time);
    // A reader that listed the files before goes on with them.
    const reader = await openLake(lake, {threads: 1});
    for (const row of [gone, alone]) {
      forget(lake, row.capture_sha256, {upTo: parsePart(row.part).run, after: null});
      expect((await capturesOf(lake)).map(({path}) => path)).not.toContain(row.path);
    }
    expect(await seen(lake)).toEqual({captures: [["forget-2.pcap", 20]], flows: 20});
    expect((await finishForgetting(lake, time)).sort()).toEqual([gone.capture_sha256, alone.capture_sha256].sort());
    expect((await reader.query("SELECT CAST(count(*) AS INTEGER) FROM flows")).rows).toEqual([[60]]);
    await reader.close();
    expect(await seen(lake)).toEqual({captures: [["forget-2.pcap", 20]], flows: 20});
    expect(tombstones(lake)).toEqual([]);
    expect([gone, alone].map((row) => existsSync(keptCapture(lake, row.capture_sha256)))).toEqual([false, false]);
    const later = Date.now() + 3600_000;
    sweepParts(lake, later);
    expect(sealedParts(lake).length).toBe(1);
    for (const {name} of tables)
      for (const path of existsSync(join(lake, name)) ? readdirSync(join(lake, name)) : [])
        expect(path.startsWith(sealedParts(lake)[0])).toBe(true);
    await run(lake, [a]);
    expect((await seen(lake)).flows).toBe(30);
  });

  it("is finished by the next import where the process was killed in between", async () => {
    const lake = newLake();
    const [a, b] = [1, 2].map((host) => file(`killed-${host}.pcap`, flows(20 + host, host * 10)));
    await run(lake, [a]);
    const [{capture_sha256, part}] = await capturesOf(lake);
    forget(lake, capture_sha256, {upTo: parsePart(part).run, after: null});
    await run(lake, [b]);
    expect(await seen(lake)).toEqual({captures: [["killed-2.pcap", 20]], flows: 20});
    expect([tombstones(lake), sealedParts(lake).length]).toEqual([[], 1]);
  });
});
