import {deflateRawSync} from "node:zlib";
import type {NumberForm, PackedColumn, UnpackedAs} from "../../src/lib/packed-columns.ts";

/** A column's bytes, and how they are read. */
export interface PackedNumbers {
  readonly column: Omit<PackedColumn, "bytes" | "name">;
  readonly bytes: Buffer;
}

/** More distinct numbers than that are no list. */
const longestList = 65_000;

/** Rows from which the form of a longer column is chosen: pieces at equal distances. */
const [samplePieces, pieceRows] = [16, 4096];

/**
 * Numbers, NaN for null, in the form that packs smallest of a sample of their rows: to try each form on all of them costs
 * three times as much. The same numbers have the same form every time.
 */
export function packedNumbers(values: Float64Array): PackedNumbers {
  const facts = factsOf(values);
  const sample = sampleOf(values);
  const plain = plainForms(facts).map((form) => ({form, size: deflatedSize(plainBytes(sample, form))}));
  const {form, size} = plain.reduce((best, other) => (other.size < best.size ? other : best));
  const as: UnpackedAs = facts.isByte ? "u8" : facts.isSingle ? "f32" : "f64";
  const listed = listedIfSmaller(values, sample, size * (values.length / sample.length));
  if (listed) return {...listed, column: {...listed.column, as}};
  return {column: {form, as}, bytes: plainBytes(values, form)};
}

interface Facts {
  /** Every number is whole, and has a zigzag that is exact. */
  readonly isWhole: boolean;
  readonly isSingle: boolean;
  readonly isByte: boolean;
  readonly hasNone: boolean;
}

function factsOf(values: Float64Array): Facts {
  let [isWhole, isSingle, isByte, hasNone] = [true, true, true, false];
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (Number.isNaN(value)) hasNone = true;
    else {
      if (!(Number.isInteger(value) && Math.abs(value) < 2 ** 51)) isWhole = false;
      if (Math.fround(value) !== value) isSingle = false;
      if (!(value >= 0 && value <= 255)) isByte = false;
    }
  }
  return {isWhole, isSingle, isByte: isByte && isWhole && !hasNone, hasNone};
}

function plainForms({isWhole, isSingle, hasNone}: Facts): NumberForm[] {
  if (isWhole) return hasNone ? ["whole"] : ["whole", "steps"];
  return [isSingle ? "f32" : "f64"];
}

/** The column itself where it is no longer than a sample. */
function sampleOf<Column extends Float64Array | Int32Array>(values: Column): Column {
  if (values.length <= samplePieces * pieceRows) return values;
  const sample = values.slice(0, samplePieces * pieceRows) as Column;
  for (let k = 1; k < samplePieces; k++) {
    const from = Math.floor(((values.length - pieceRows) / (samplePieces - 1)) * k);
    sample.set(values.subarray(from, from + pieceRows), k * pieceRows);
  }
  return sample;
}

/** About what deflate makes of these bytes. */
const deflatedSize = (bytes: Buffer) => deflateRawSync(bytes, {level: 3}).length;

function plainBytes(values: Float64Array, form: NumberForm): Buffer {
  if (form === "whole" || form === "steps") return wholes(values, form === "steps");
  return bytePlanes(form === "f32" ? Float32Array.from(values) : values);
}

/** Null where the list and its codes are no smaller than `most` bytes, deflated. */
function listedIfSmaller(values: Float64Array, sample: Float64Array, most: number): PackedNumbers | null {
  const isSample = sample.length < values.length;
  const scale = values.length / sample.length;
  // The sample has no more numbers than the column, and no longer codes.
  if (isSample) {
    const few = codesOf(sample);
    if (!few || listBytes(few).size + deflatedSize(planes(few.codes, widthOf(few.list.length))) * scale >= most)
      return null;
  }
  const all = codesOf(values);
  if (!all) return null;
  const list = listBytes(all);
  const width = widthOf(all.list.length);
  if (list.size + deflatedSize(planes(sampleOf(all.codes), width)) * scale >= most) return null;
  const of = {form: list.form, count: all.list.length, bytes: list.bytes.length};
  return {
    column: {form: "listed", width, of},
    bytes: Buffer.concat([list.bytes, planes(all.codes, width)])
  };
}

interface Codes {
  /** In the order in which they are met. */
  readonly list: Float64Array;
  /** Places in the list, plus one; 0 for null. */
  readonly codes: Int32Array;
}

function codesOf(values: Float64Array): Codes | null {
  const known = new Map<number, number>();
  const codes = new Int32Array(values.length);
  let [last, code] = [Number.NaN, 0];
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (Number.isNaN(value)) continue;
    if (value !== last) {
      const found = known.get(value);
      code = found ?? known.size + 1;
      if (found === undefined) known.set(value, code);
      last = value;
      if (known.size > longestList) return null;
    }
    codes[row] = code;
  }
  return {list: Float64Array.from(known.keys()), codes};
}

function listBytes({list}: Codes): {form: NumberForm; bytes: Buffer; size: number} {
  const forms = plainForms(factsOf(list)).map((form) => {
    const bytes = plainBytes(list, form);
    return {form, bytes, size: deflatedSize(bytes)};
  });
  return forms.reduce((best, other) => (other.size < best.size ? other : best));
}

function wholes(values: Float64Array, isSteps: boolean): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 8);
  let [at, last] = [0, 0];
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    const whole = isSteps ? value - last : value;
    last = value;
    let zigzag = Number.isNaN(whole) ? 0 : whole < 0 ? -whole * 2 : whole * 2 + 1;
    for (; zigzag > 0x7fffffff; zigzag = Math.floor(zigzag / 128)) bytes[at++] = (zigzag % 128) | 128;
    let small = zigzag | 0;
    for (; small > 127; small >>= 7) bytes[at++] = (small & 127) | 128;
    bytes[at++] = small;
  }
  return Buffer.from(bytes.subarray(0, at));
}

/** All first bytes, then all second ones: they pack better so. */
export function bytePlanes(values: Float32Array | Float64Array | BigInt64Array): Buffer {
  const own = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const width = values.BYTES_PER_ELEMENT;
  const bytes = Buffer.allocUnsafe(own.length);
  for (let plane = 0; plane < width; plane++)
    for (let i = 0, at = plane; i < values.length; i++, at += width) bytes[plane * values.length + i] = own[at];
  return bytes;
}

/** The same of codes. */
export function planes(codes: Int32Array, width: number): Buffer {
  const bytes = Buffer.allocUnsafe(codes.length * width);
  for (let plane = 0; plane < width; plane++)
    for (let row = 0; row < codes.length; row++) bytes[plane * codes.length + row] = codes[row] >> (8 * plane);
  return bytes;
}

/** Bytes of a code, where the largest is `most`. */
export const widthOf = (most: number) => (most < 256 ? 1 : most < 65_536 ? 2 : 3);
