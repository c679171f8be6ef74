import {beforeAll, describe, expect, it} from "vitest";
import {ColumnEncoder} from "../../../capture/partitions/encoder/encoder.ts";
import {hashOf} from "../../../capture/partitions/text-set.ts";
import {TextBuffer} from "../../../capture/partitions/texts.ts";
import type {CodedTextColumn} from "../../../schema/rows.ts";
import {cpuMs} from "../../cpu.ts";
import {encodedColumn} from "./encoded.ts";
import {hostileTexts, randomFrom} from "./random-batches.ts";

const seed = Number(process.env.SEED ?? 20261121);

let encoder: ColumnEncoder;
beforeAll(async () => {
  encoder = await ColumnEncoder.load();
});

/** The dictionary of a column whose rows came in these pieces, and its NULLs. */
function encoded(pieces: readonly CodedTextColumn[]): {texts: string[]; nulls: number} {
  const buffer = new TextBuffer("x");
  for (const piece of pieces) buffer.append(piece, piece.codes.length);
  const rows = pieces.reduce((sum, {codes}) => sum + codes.length, 0);
  const {input, texts, sources} = buffer.room;
  encoder.prepare(rows, input, texts, sources);
  buffer.encode(encoder, {from: 0, count: rows});
  const {dictionary, distinct, nulls} = encoder.column;
  const bytes = Buffer.from(dictionary);
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32LE(at);
    found.push(bytes.toString("utf8", at + 4, end));
    at = end;
  }
  expect(distinct).toBe(found.length === 0 ? -1 : found.length);
  return {texts: found, nulls};
}

describe("the dictionary of a column of texts", () => {
  it("has those of all pieces once, in the order in which they occur, without those that no row has", () => {
    const pieces = [
      {codes: Int32Array.of(1, -1, 0, 1), values: ["b", "a", "never"]},
      encodedColumn(Int32Array.of(0, 3, -1, 1, 2), ["", "a", "ü", "b", "never"]),
      encodedColumn(new Int32Array(0), ["never"]),
      {codes: Int32Array.of(0, 1), values: ["c\ud800", "c\ufffd"]}
    ];
    expect(encoded(pieces)).toEqual({texts: ["a", "b", "", "ü", "c\ufffd"], nulls: 2});
    expect(encoded([encodedColumn(Int32Array.of(-1, -1), [])])).toEqual({texts: [], nulls: 2});
  });

  it("is refused where a code has no text, or texts are cut short", () => {
    const one = encodedColumn(Int32Array.of(0), ["abc"]);
    expect(() => encoded([one, {...one, codes: Int32Array.of(1)}])).toThrow("a code has no text");
    for (const end of [6, 2, 0])
      expect(() => encoded([{...one, texts: one.texts.subarray(0, end)}, one])).toThrow("texts are cut short");
    const wide = {...one, texts: Uint8Array.of(255, 255, 255, 255, 97)};
    expect(() => encoded([wide])).toThrow("texts are cut short");
  });

  it(`of many pieces is that of their rows (SEED=${seed})`, () => {
    const random = randomFrom(seed);
    const all = Array.from({length: 60_000}, (_, k) => hostileTexts[k] ?? random().toString(36).slice(2));
    const expected = new Set<string>();
    const pieces = Array.from({length: 25}, () => {
      const values = [...new Set(Array.from({length: 3000}, () => all[Math.floor(random() ** 3 * all.length)]))];
      const codes = Int32Array.from({length: 5000}, () => Math.floor(random() * (values.length + 1)) - 1);
      for (const code of codes) if (code >= 0) expected.add(values[code]);
      return random() < 0.5 ? {codes, values} : encodedColumn(codes, values);
    });
    expect(encoded(pieces).texts).toEqual([...expected]);
  });

  it("of texts that were made to collide takes at most 10 times the CPU time of others, and has some twice", () => {
    // Two words that leave the hash as two others do, whatever came before them; one choice in each of 15 places.
    const values = Array.from({length: 2 ** 15}, (_, k) => {
      const bytes = Buffer.alloc(15 * 8, 0x61);
      for (let place = 0; place < 15; place++)
        if (k & (1 << place)) {
          bytes[place * 8 + 3] ^= 0x80;
          bytes[place * 8 + 7] ^= 0x80;
          bytes[place * 8 + 6] ^= 1;
        }
      return bytes;
    });
    expect(new Set([0, 1, 4711].map((k) => hashOf(values[k], 0, values[k].length))).size).toBe(1);
    const pieceOf = (all: readonly Buffer[]) => {
      const texts = Buffer.concat(all.flatMap((bytes) => [Buffer.of(bytes.length, 0, 0, 0), bytes]));
      return {codes: Int32Array.from(all, (_, k) => k), texts: new Uint8Array(texts), distinct: all.length};
    };
    const piece = pieceOf(values);
    let found: string[] = [];
    const collided = cpuMs(() => {
      found = encoded([piece, piece]).texts;
    });
    // Texts of the same lengths with words of their own, which do not collide.
    const own = pieceOf(
      values.map((bytes, k) => Buffer.concat([Buffer.from(String(k).padStart(8)), bytes.subarray(8)]))
    );
    const others = cpuMs(() => encoded([own, own]));
    expect(collided / others).toBeLessThan(10);
    expect(found.length).toBe(64 + 2 * (values.length - 64));
    expect(new Set(found).size).toBe(new Set(values.map((bytes) => bytes.toString())).size);
  });
});
