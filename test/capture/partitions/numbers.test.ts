import {beforeAll, describe, expect, it} from "vitest";
import {ColumnEncoder} from "../../../capture/partitions/encoder/encoder.ts";
import {NumberBuffer} from "../../../capture/partitions/numbers.ts";
import {cpuMs} from "../../cpu.ts";

let encoder: ColumnEncoder;
beforeAll(async () => {
  encoder = await ColumnEncoder.load();
});

type NumberColumn = "BIGINT" | "INTEGER" | "DOUBLE" | "FLOAT";
const arrays = {BIGINT: BigInt64Array, INTEGER: Int32Array, DOUBLE: Float64Array, FLOAT: Float32Array};

/** What becomes of doubles (NaN is NULL) as a column of that type: its dictionary, null where it has none, and its NULLs. */
function encoded(values: Float64Array, type: NumberColumn) {
  const buffer = new NumberBuffer("x", type, "f64");
  buffer.append(values, values.length);
  encoder.prepare(values.length, buffer.room.input, 0, 0);
  buffer.encode(encoder, {from: 0, count: values.length});
  const {dictionary, distinct, nulls} = encoder.column;
  if (distinct < 0) return {dictionary: null, nulls};
  const numbers = new arrays[type](Uint8Array.from(dictionary).buffer);
  return {dictionary: Array.from(numbers as ArrayLike<number | bigint>, Number), nulls};
}

describe("a column of numbers", () => {
  it("has its distinct values in the order in which they occur, and its NULLs, wherever these stand", () => {
    const {NaN: none} = Number;
    const runs = [5, 5, 5, 5, 5, none, 5, 5, 5, 5, 7, 5, 5, 5, 5, 5, 5, none, none, 2 ** 40, 7, 7, 7, 7, 7];
    for (const type of ["BIGINT", "DOUBLE", "FLOAT"] as const)
      expect(encoded(Float64Array.from(runs), type), type).toEqual({dictionary: [5, 7, 2 ** 40], nulls: 3});
    expect(encoded(Float64Array.of(none, -1, -1, none, 3), "INTEGER")).toEqual({dictionary: [-1, 3], nulls: 2});
    expect(encoded(new Float64Array(100).fill(none), "BIGINT")).toEqual({dictionary: null, nulls: 100});
    expect(encoded(Float64Array.of(0, 0, 0, 0, 0), "FLOAT")).toEqual({dictionary: [0], nulls: 0});
  });

  it("has no dictionary where more than a quarter of the values differ", () => {
    const values = Float64Array.from({length: 4000}, (_, i) => (i * 7) % 4000);
    for (const type of ["BIGINT", "INTEGER", "DOUBLE", "FLOAT"] as const)
      expect(encoded(values, type), type).toEqual({dictionary: null, nulls: 0});
  });

  it("of whole numbers is found as quickly as one of fractions, whose bits are all used", () => {
    const numbers = Array.from({length: 80_000}, (_, i) => (i * 7919) % 15_000);
    const [whole, fractions] = [Float64Array.from(numbers), Float64Array.from(numbers, (n) => n / 7)];
    const cost = (values: Float64Array) =>
      Math.min(...Array.from({length: 5}, () => cpuMs(() => void encoded(values, "DOUBLE"))));
    cost(whole);
    expect(cost(whole)).toBeLessThan(4 * cost(fractions) + 20);
    expect(encoded(whole, "BIGINT").dictionary).toEqual(numbers.slice(0, 15_000));
  });
});
