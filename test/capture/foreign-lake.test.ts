import {execFileSync} from "node:child_process";
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, expect, it} from "vitest";
import {readReviews} from "../../alerts/reviews.ts";
import {foreignEntry} from "../../capture/partitions/foreign-entries.ts";
import {isHeld} from "../../capture/partitions/lock.ts";
import {sealedFiles} from "../../capture/partitions/lost-files.ts";
import {metadataValue} from "../../capture/partitions/parquet-metadata.ts";
import {readLedger} from "../../loaders/results/freshness-ledger.ts";
import {itUnless, onWindows} from "../needs.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-foreign-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const newLake = (name: string) => {
  const lake = join(folder, name);
  for (const table of ["captures", "dns", ".results/data", ".runs/r1"]) mkdirSync(join(lake, table), {recursive: true});
  writeFileSync(join(lake, "captures/p-0.parquet"), "PAR1");
  return lake;
};

itUnless(onWindows)("what is neither a file nor a folder is found wherever it lies in a lake", () => {
  const lake = newLake("links");
  const link = (path: string) => symlinkSync(tmpdir(), join(lake, path));
  // An import's own name for a file.
  link(`.runs/r1/link-${"0".repeat(64)}`);
  expect([foreignEntry(join(folder, "none")), foreignEntry(lake)]).toEqual([null, null]);
  for (const path of ["tls", ".alerts", ".results/ledger.json", ".runs/r1/link-0", `dns/link-${"0".repeat(64)}`]) {
    link(path);
    expect(foreignEntry(lake)).toEqual({path: join(lake, path), kind: "a link"});
    rmSync(join(lake, path));
  }
  execFileSync("mkfifo", [join(lake, ".results/data/pipe")]);
  expect(foreignEntry(lake)).toEqual({path: join(lake, ".results/data/pipe"), kind: "a pipe"});
});

it("metadata of a stranger's Parquet file end, and name only files of the lake's tables", () => {
  const parquet = (name: string, metadata: Buffer) => {
    const path = join(folder, name);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(metadata.length);
    writeFileSync(path, Buffer.concat([Buffer.from("PAR1"), metadata, length, Buffer.from("PAR1")]));
    return path;
  };
  const key = Buffer.from("\u000eflowbook.files\u0018");
  for (const bytes of [[], [0xff], [0x80, 0x80, 0x80, 0x80, 0x80, 0x01]])
    expect(
      metadataValue(parquet(`cut-${bytes.length}`, Buffer.concat([key, Buffer.of(...bytes)])), "flowbook.files")
    ).toBe(null);
  const told = (name: string, text: string) =>
    sealedFiles(
      parquet(name, Buffer.concat([key, Buffer.of(0x80 | (text.length & 0x7f), text.length >> 7), Buffer.from(text)]))
    );
  const one = {bytes: 1, sha256: "a"};
  expect(
    told(
      "names",
      JSON.stringify({
        "dns/p-0.dns.parquet": one,
        "../thesis.parquet": one,
        "dns/..": one,
        "passwd/x.parquet": one,
        "tls/p.parquet": null
      })
    )
  ).toEqual([{table: "dns", file: "p-0.dns.parquet", ...one}]);
  for (const [k, text] of ["", "{", "null", "7", '"x"'].entries()) expect(told(`text-${k}`, text)).toEqual([]);
});

it("what a lake remembers is believed only in its form, and never read where it is huge", () => {
  const lake = newLake("state");
  const ledger = join(lake, ".results/ledger.json");
  const record = {inputs: null, reads: null, sha256: null, bytes: 0, tookMs: 0, renewedAtMs: null, error: null};
  const read = (value: object) => {
    writeFileSync(ledger, JSON.stringify({version: 1, ...value}));
    return Object.keys(readLedger(lake).results);
  };
  expect(read({results: {"data/x.json": record}})).toEqual(["data/x.json"]);
  for (const value of [
    {results: null},
    {results: [1]},
    {results: {"data/x.json": null}},
    {results: {"data/x.json": {...record, reads: 7}}},
    {results: {"data/x.json": {...record, inputs: "x"}}},
    {results: {"data/x.json": record}, parts: 7},
    {results: {"data/x.json": record}, runs: [null]},
    {results: {"data/x.json": record}, runs: [{id: 1, steps: "x"}]}
  ])
    expect(read(value)).toEqual([]);
  // Holes: they take no room on the disk.
  truncateSync(ledger, 400e6);
  expect(readLedger(lake).runs).toEqual([]);
  mkdirSync(join(lake, ".reviews"));
  const reviews = join(lake, ".reviews/notices.json");
  for (const text of [
    '{"version":1,"comments":{"x":7}}',
    '{"version":1,"suppressions":null}',
    '{"version":1,"labels":null}'
  ]) {
    writeFileSync(reviews, text);
    expect(() => readReviews(lake)).toThrow(reviews);
  }
  truncateSync(reviews, 400e6);
  expect(() => readReviews(lake)).toThrow("expected 268,435,456 bytes at most, found 400,000,000");
  const lock = join(lake, ".results/lock");
  writeFileSync(lock, "");
  truncateSync(lock, 600e6);
  expect(isHeld(lock)).toBe(false);
});
