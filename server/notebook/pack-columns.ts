import {deflateRawSync} from "node:zlib";
import type {NumberForm, PackedColumn, PackedHeader} from "../../src/lib/packed-columns.ts";

/** Columns of as many rows as each other, to be packed. */
export interface Columns {
  readonly rows: number;
  /** NaN for null. */
  readonly numbers: Readonly<Record<string, Float64Array>>;
  readonly texts: Readonly<Record<string, readonly (string | null)[]>>;
  /** Columns of texts that share a list, by the name of the list. */
  readonly shared?: Readonly<Record<string, readonly string[]>>;
}

/** The columns in the form that `PackedColumns` reads; of each number column the form that packs smallest is taken. */
export function packedColumns({rows, numbers, texts, shared = {}}: Columns): Buffer {
  const columns: PackedColumn[] = [];
  const parts: Buffer[] = [];
  const lists = new Map<string, Map<string, number>>();
  const put = (column: Omit<PackedColumn, "bytes">, bytes: Buffer) => {
    columns.push({...column, bytes: bytes.length});
    parts.push(bytes);
  };
  for (const [name, values] of Object.entries(numbers)) {
    const {column, bytes} = smallest(values);
    put({name, ...column}, bytes);
  }
  const coded = Object.entries(texts).map(([name, values]) => {
    const list = Object.entries(shared).find(([, names]) => names.includes(name))?.[0] ?? name;
    const known = lists.get(list) ?? new Map<string, number>();
    lists.set(list, known);
    const codes = values.map((text) => {
      if (text === null) return 0;
      const code = known.get(text) ?? known.size + 1;
      known.set(text, code);
      return code;
    });
    return {name, list, codes};
  });
  for (const {name, list, codes} of coded) {
    const width = widthOf(lists.get(list)!.size);
    put({name, form: "texts", list, width}, planes(codes, width));
  }
  const header: PackedHeader = {
    rows,
    columns,
    lists: Object.fromEntries([...lists].map(([name, known]) => [name, [...known.keys()]]))
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, ...parts]);
}

interface Packed {
  readonly column: Omit<PackedColumn, "bytes" | "name">;
  readonly bytes: Buffer;
}

/** More distinct numbers than that are no list. */
const longestList = 65_000;

function smallest(values: Float64Array): Packed {
  const plain = plainForms(values);
  const known = new Map<number, number>();
  const codes: number[] = [];
  for (const value of values) {
    if (Number.isNaN(value)) codes.push(0);
    else {
      const code = known.get(value) ?? known.size + 1;
      known.set(value, code);
      codes.push(code);
      if (known.size > longestList) return best(plain);
    }
  }
  const list = best(plainForms(Float64Array.from(known.keys())));
  const width = widthOf(known.size);
  const of = {form: list.column.form as NumberForm, count: known.size, bytes: list.bytes.length};
  const listed = {
    column: {form: "listed" as const, width, of},
    bytes: Buffer.concat([list.bytes, planes(codes, width)])
  };
  return best([...plain, listed]);
}

function best(forms: readonly Packed[]): Packed {
  const sizes = forms.map(({bytes}) => deflateRawSync(bytes, {level: 3}).length);
  return forms[sizes.indexOf(Math.min(...sizes))];
}

function plainForms(values: Float64Array): Packed[] {
  const has = (test: (value: number) => boolean) => values.every((value) => Number.isNaN(value) || test(value));
  const as = (form: NumberForm, bytes: Buffer): Packed => ({column: {form}, bytes});
  if (has((value) => Number.isSafeInteger(value) && Math.abs(value) < 2 ** 51)) {
    const whole = as("whole", wholes(values, false));
    return values.some(Number.isNaN) ? [whole] : [whole, as("steps", wholes(values, true))];
  }
  return has((value) => Math.fround(value) === value)
    ? [as("f32", floats(Float32Array.from(values)))]
    : [as("f64", floats(values))];
}

function wholes(values: Float64Array, isSteps: boolean): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  let [at, last] = [0, 0];
  for (const value of values) {
    const whole = isSteps ? value - last : value;
    last = value;
    let zigzag = Number.isNaN(whole) ? 0 : whole < 0 ? -whole * 2 : whole * 2 + 1;
    for (; zigzag > 127; zigzag = Math.floor(zigzag / 128)) bytes[at++] = (zigzag % 128) | 128;
    bytes[at++] = zigzag;
  }
  return bytes.subarray(0, at);
}

function floats(values: Float32Array | Float64Array): Buffer {
  const own = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const width = values.BYTES_PER_ELEMENT;
  const bytes = Buffer.alloc(own.length);
  for (let i = 0; i < values.length; i++)
    for (let plane = 0; plane < width; plane++) bytes[plane * values.length + i] = own[i * width + plane];
  return bytes;
}

/** All lowest bytes, then all second ones: they pack better so. */
function planes(codes: readonly number[], width: number): Buffer {
  const bytes = Buffer.alloc(codes.length * width);
  for (let plane = 0; plane < width; plane++)
    for (let row = 0; row < codes.length; row++) bytes[plane * codes.length + row] = codes[row] >> (8 * plane);
  return bytes;
}

const widthOf = (most: number) => (most < 256 ? 1 : most < 65_536 ? 2 : 3);
