import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {DuckDBInstance} from "@duckdb/node-api";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {partFiles} from "../../../capture/partitions/layout.ts";
import {TextCodes} from "../../../capture/partitions/text-codes.ts";
import {hashOf, TextSet} from "../../../capture/partitions/text-set.ts";
import {textsOf} from "../../../capture/partitions/texts-of.ts";
import {openLakeWriter} from "../../../capture/partitions/writer.ts";
import type {CodedTextColumn, ColumnData, RowBatch} from "../../../schema/rows.ts";
import {table} from "../../../schema/tables.ts";
import {cpuMs} from "../../cpu.ts";
import {encodedColumn} from "./encoded.ts";
import {hostileTexts, randomFrom} from "./random-batches.ts";

const seed = Number(process.env.SEED ?? 20261121);
const clock = () => 1_790_000_000_000;
const long = `${"ü".repeat(2 ** 19)}.`;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-texts-"));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** The texts of rows, null where NULL, by the codes that a set gave them. */
function read(texts: TextCodes, codes: Int32Array): (string | null)[] {
  const values = textsOf({codes, texts: texts.bytes, distinct: texts.distinct});
  return Array.from(codes, (code) => (code < 0 ? null : values[code]));
}

describe("texts of columns in both forms", () => {
  it("become one set with one code each, numbered as they occur; those that no row has are left out", () => {
    const texts = new TextCodes();
    const codes = new Int32Array(9).fill(-7);
    texts.add({codes: Int32Array.of(1, -1, 0, 1), values: ["b", "a", "never"]}, 4, codes, 0);
    texts.add(encodedColumn(Int32Array.of(0, 3, -1, 1, 2), ["", "a", long, "b", "never"]), 5, codes, 4);
    expect([...codes]).toEqual([0, -1, 1, 0, 2, 1, -1, 0, 3]);
    expect(texts.distinct).toBe(4);
    expect(read(texts, codes)).toEqual(["a", null, "b", "a", "", "b", null, "a", long]);
    expect(texts.bytes.length).toBe(4 * 4 + 1 + 1 + 0 + 2 ** 20 + 1);
    expect([...texts.bytes.subarray(0, 16)]).toEqual([1, 0, 0, 0, 97, 1, 0, 0, 0, 98, 0, 0, 0, 0, 1, 0]);
    texts.clear();
    expect([texts.distinct, texts.bytes.length]).toEqual([0, 0]);
    texts.add(encodedColumn(Int32Array.of(0), ["b"]), 1, codes, 0);
    expect([codes[0], ...texts.bytes]).toEqual([0, 1, 0, 0, 0, 98]);
  });

  it("may have no rows, and no texts", () => {
    const texts = new TextCodes();
    texts.add(encodedColumn(new Int32Array(0), ["a"]), 0, new Int32Array(0), 0);
    texts.add({codes: new Int32Array(0), values: ["a"]}, 0, new Int32Array(0), 0);
    const codes = new Int32Array(2);
    texts.add(encodedColumn(Int32Array.of(-1, -1), []), 2, codes, 0);
    expect([texts.distinct, texts.bytes.length, ...codes]).toEqual([0, 0, -1, -1]);
  });

  it("a lone surrogate is U+FFFD, one text with the one that was written so", () => {
    const texts = new TextCodes();
    const codes = new Int32Array(3);
    texts.add({codes: Int32Array.of(0, 1), values: ["a\ud800", "a\udc00"]}, 2, codes, 0);
    texts.add(encodedColumn(Int32Array.of(0), ["a\ufffd"]), 1, codes, 2);
    expect([...codes]).toEqual([0, 0, 0]);
    expect(read(texts, codes)[0]).toBe("a\ufffd");
  });

  it("a code without a text, and texts cut short, are refused", () => {
    const [texts, into] = [new TextCodes(), new Int32Array(1)];
    const one = encodedColumn(Int32Array.of(0), ["abc"]);
    texts.add(encodedColumn(Int32Array.of(5), ["0", "1", "2", "3", "4", "5"]), 1, into, 0);
    expect(() => texts.add({...one, codes: Int32Array.of(1)}, 1, into, 0)).toThrow("row 0: expected one of 1 texts");
    for (const end of [6, 2])
      expect(() => texts.add({...one, texts: one.texts.subarray(0, end)}, 1, into, 0)).toThrow("text 0: expected");
    expect(() => textsOf({...one, texts: one.texts.subarray(0, 6)})).toThrow("expected 7 bytes, found 6");
  });

  it(`many come back as they were, in batches of either form (SEED=${seed})`, () => {
    const random = randomFrom(seed);
    const texts = new TextCodes();
    const all = Array.from({length: 60_000}, (_, k) => hostileTexts[k] ?? random().toString(36).slice(2));
    for (let round = 0; round < 2; round++) {
      const codes = new Int32Array(100_000);
      const expected: (string | null)[] = [];
      for (let at = 0; at < codes.length; at += 5000) {
        const values = [...new Set(Array.from({length: 3000}, () => all[Math.floor(random() ** 3 * all.length)]))];
        const own = Int32Array.from({length: 5000}, () => Math.floor(random() * (values.length + 1)) - 1);
        texts.add(random() < 0.5 ? {codes: own, values} : encodedColumn(own, values), 5000, codes, at);
        for (const code of own) expected.push(code < 0 ? null : values[code]);
      }
      expect(read(texts, codes)).toEqual(expected);
      expect(texts.distinct).toBe(new Set(expected.filter((text) => text !== null)).size);
      texts.clear();
    }
  });

  it("that were made to collide come back all the same, for at most 10 times the CPU time of others", () => {
    // Two words that leave the hash as two others do, whatever came before them; one choice in each of 15 places.
    const count = 2 ** 15;
    const bytes = Buffer.alloc(15 * 8);
    const bytesOf = (k: number) => {
      bytes.fill(0x61);
      for (let place = 0; place < 15; place++)
        if (k & (1 << place)) {
          bytes[place * 8 + 3] ^= 0x80;
          bytes[place * 8 + 7] ^= 0x80;
          bytes[place * 8 + 6] ^= 1;
        }
      return bytes;
    };
    expect(new Set([0, 1, 2, count - 1].map((k) => hashOf(bytesOf(k), 0, bytes.length))).size).toBe(1);
    const fill = (into: TextSet, marked: boolean) => {
      for (let k = 0; k < count; k++) {
        bytesOf(k);
        // Words of their own, which do not collide.
        if (marked) bytes.writeUInt32LE(k, 1);
        if (into.code(bytes, 0, bytes.length) !== k) throw new Error(`text ${k} has another code`);
      }
    };
    const set = new TextSet();
    const collided = cpuMs(() => fill(set, false));
    const others = cpuMs(() => fill(new TextSet(), true));
    expect(collided / others).toBeLessThan(10);
    expect(set.bytes.length).toBe(count * (4 + bytes.length));
    for (const k of [0, 1, 4711, count - 1])
      expect(bytesOf(k).equals(set.bytes.subarray(k * 124 + 4, (k + 1) * 124))).toBe(true);
  });
});

describe("a lake written from both forms", () => {
  const values = [...hostileTexts, long];
  const names = table("ssh").columns;
  const batch = (rows: number, texts: CodedTextColumn): RowBatch => ({
    table: "ssh",
    rows,
    columns: names.map(({name, type}): ColumnData => {
      if (name === "capture_sha256") return {codes: new Int32Array(rows), values: ["c"]};
      return type === "VARCHAR" ? texts : new Float64Array(rows).fill(1);
    })
  });

  it("has every text, NULL and the empty text; of both forms one dictionary", async () => {
    const lake = join(folder, "both");
    const writer = openLakeWriter(lake, clock());
    const codes = Int32Array.from({length: values.length + 1}, (_, k) => k - 1);
    const rows = codes.length;
    writer.write(batch(0, encodedColumn(new Int32Array(0), [])));
    writer.write(batch(rows, {codes: codes.slice(), values}));
    const encoded = encodedColumn(codes.toReversed(), values);
    writer.write(batch(rows, encoded));
    expect(encoded.texts.length).toBeGreaterThan(2 ** 20);
    const alone = {
      ...encodedColumn(Int32Array.of(0, 1), ["", "new"]),
      texts: Uint8Array.of(0, 0, 0, 0, 3, 0, 0, 0, 110, 101, 119)
    };
    writer.write(batch(2, alone));
    expect(alone.texts.length).toBe(0);
    writer.write(batch(0, encodedColumn(new Int32Array(0), [])));
    await writer.seal([{capture_sha256: "c", path: "p"} as never]);
    await writer.close();
    const [{path}, ...others] = partFiles(lake, "ssh");
    expect(others).toEqual([]);
    const column = names.find(
      ({name, type}) => type === "VARCHAR" && name !== "capture_sha256" && !name.endsWith("_ip")
    )!.name;
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const found = await connection.runAndReadAll(`SELECT ${column} FROM '${path}'`);
    connection.closeSync();
    instance.closeSync();
    const once = [null, ...values];
    const sorted = (texts: unknown[]) => texts.map((text) => JSON.stringify(text)).sort();
    expect(sorted(found.getRows().map(([text]) => text))).toEqual(sorted([...once, ...once, "", "new"]));
  });
});
