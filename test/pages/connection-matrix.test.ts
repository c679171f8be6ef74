import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {type LakeEngine, openLake} from "../../loaders/lake/duckdb.ts";
import {ask} from "../../loaders/questions/ask.ts";
import {isThicket, logShare, matrixOf} from "../../src/lib/connection-matrix.ts";
import {type Band, connectionsOf} from "../../src/lib/connections.ts";
import {pairs} from "../../src/lib/questions/pairs.ts";
import {makeLake} from "../fixtures/make-lake.ts";

let folder: string;
let engine: LakeEngine;
let model: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-matrix-"));
  ({model} = await makeLake(join(folder, "lake"), 4000));
  engine = await openLake(join(folder, "lake"), {threads: 1});
});

afterAll(async () => {
  await engine?.close();
  rmSync(folder, {recursive: true, force: true});
});

/** Flows and bytes between the `most` largest hosts of each side and the others, as one statement over the flows. */
const sumsSql = (most: number) => {
  const largest = (column: string) =>
    `SELECT ${column} FROM flows GROUP BY 1 ORDER BY SUM(src_wire_bytes + dst_wire_bytes) DESC, 1 LIMIT ${most}`;
  return `SELECT CASE WHEN src_ip IN (${largest("src_ip")}) THEN src_ip END AS source,
    CASE WHEN dst_ip IN (${largest("dst_ip")}) THEN dst_ip END AS target,
    CAST(SUM(src_wire_bytes + dst_wire_bytes) AS DOUBLE) AS bytes, CAST(COUNT(*) AS DOUBLE) AS flows FROM flows GROUP BY 1, 2`;
};

describe("the matrix of connections", () => {
  it("has in each cell what a statement over the flows counts", async () => {
    const {columns, rows} = await ask(engine, {question: pairs, filter: {}}, model);
    const [src, dst, bytes, flows] = ["src_ip", "dst_ip", "bytes", "flows"].map((name) => columns.indexOf(name));
    const known = rows.map((row) => ({
      from: String(row[src]),
      to: String(row[dst]),
      bytes: Number(row[bytes]),
      flows: Number(row[flows]),
      suspicious: 0
    }));
    const total = (name: "bytes" | "flows") => known.reduce((sum, pair) => sum + pair[name], 0);
    const sum = {bytes: total("bytes"), flows: total("flows"), suspicious: 0};
    for (const most of [2, 6]) {
      const {rows: sources, columns: targets, cells} = matrixOf(connectionsOf(known, sum, most));
      const shown = cells.flatMap((row, y) =>
        row.flatMap((cell, x) => (cell ? [[sources[y].host, targets[x].host, cell.bytes, cell.flows]] : []))
      );
      const {rows: counted} = await engine.query(sumsSql(most));
      const sorted = (lines: readonly (readonly unknown[])[]) => lines.map((line) => JSON.stringify(line)).sort();
      expect(shown.length).toBeGreaterThan(most);
      expect(sorted(shown)).toEqual(sorted(counted));
    }
  });

  const band = (from: string, to: string, bytes: number): Band => ({from, to, bytes, flows: 1, suspicious: 0});

  it("ranks a host alike on both sides, by what it opened and took, the others last", () => {
    const bands = [band("a", "b", 5), band("b", "a", 40), band("b", "c", 3), band("c", "x", 1), band("d", "y", 1)];
    const {rows, columns, cells} = matrixOf(connectionsOf(bands, {bytes: 50, flows: 5, suspicious: 0}, 2));
    expect(rows.map(({host}) => host)).toEqual(["b", "a", null]);
    expect(columns.map(({host}) => host)).toEqual(["b", "a", null]);
    expect(cells.map((row) => row.map((cell) => cell?.bytes ?? null))).toEqual([
      [null, 40, 3],
      [5, null, null],
      [null, null, 2]
    ]);
  });

  it("is drawn in place of a graph where all speak with all, and not for one host with many", () => {
    const hosts = Array.from({length: 8}, (_, at) => `h${at}`);
    const all = hosts.flatMap((from) => hosts.filter((to) => to !== from).map((to) => band(from, to, 1)));
    expect(isThicket(connectionsOf(all, {bytes: 56, flows: 56, suspicious: 0}, 12))).toBe(true);
    const star = Array.from({length: 50}, (_, at) => band("a", `s${at}`, 1));
    expect(isThicket(connectionsOf(star, {bytes: 50, flows: 50, suspicious: 0}, 50))).toBe(false);
    expect(isThicket(connectionsOf(all.slice(0, 24), {bytes: 24, flows: 24, suspicious: 0}, 12))).toBe(false);
  });

  it("shades by logarithm: ten times as much is as much darker wherever it begins", () => {
    expect([1, 10, 100, 10_000].map((bytes) => logShare(bytes, 1, 10_000))).toEqual([0, 0.25, 0.5, 1]);
    expect(logShare(0, 1, 10)).toBe(0);
    expect(logShare(7, 7, 7)).toBe(1);
  });
});
