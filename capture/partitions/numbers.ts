import type {ColumnType} from "../../schema/column.ts";
import type {AddressColumn, ColumnData} from "../../schema/rows.ts";
import type {ColumnBuffer, Room} from "./column-buffer.ts";
import type {ColumnEncoder, NumberForm, numberKinds, RowRange} from "./encoder/encoder.ts";

type NumberType = Exclude<ColumnType, "VARCHAR">;
type Numbers = Float64Array | Float32Array | BigInt64Array;

const parquetTypes: Record<NumberType, string> = {
  FLOAT: "FLOAT",
  DOUBLE: "DOUBLE",
  INTEGER: "INT32",
  SMALLINT: "INT32",
  BIGINT: "INT64",
  TIMESTAMP: "INT64",
  BOOLEAN: "BOOLEAN"
};

/** Numbers, kept as they came until their file is written. NaN is NULL. */
export class NumberBuffer implements ColumnBuffer {
  readonly textBytes = 0;
  readonly #name: string;
  readonly #type: NumberType;
  readonly #form: NumberForm;
  #pieces: Numbers[] = [];
  #rows = 0;

  /** `form`: that of the data to come; columns of whole numbers take 64-bit identifiers as they are. */
  constructor(name: string, type: NumberType, form: NumberForm) {
    this.#name = name;
    this.#type = type;
    this.#form = form;
  }

  accepts(data: ColumnData | AddressColumn): boolean {
    return ArrayBuffer.isView(data) && formFor(this.#type, data) === this.#form;
  }

  append(data: ColumnData | AddressColumn, rows: number): void {
    if (!ArrayBuffer.isView(data)) throw new Error(`column ${this.#name}: expected numbers, found texts`);
    const values = data.length === rows ? data : data.subarray(0, rows);
    this.#pieces.push(formOf(values) === this.#form ? values : Float64Array.from(values as ArrayLike<number>, Number));
    this.#rows += rows;
  }

  get room(): Room {
    return {input: this.#rows * 8, texts: 0, sources: 0};
  }

  encode(encoder: ColumnEncoder, range: RowRange): void {
    this.#copy(encoder);
    encoder.numbers(`${this.#form} ${parquetTypes[this.#type]}` as keyof typeof numberKinds, range);
  }

  sort(encoder: ColumnEncoder): boolean {
    this.#copy(encoder);
    return encoder.sort(this.#form, this.#rows);
  }

  clear(): void {
    this.#pieces = [];
    this.#rows = 0;
  }

  #copy({input: {memory, at}}: ColumnEncoder): void {
    const into = newNumbers(this.#form, memory, at, this.#rows);
    let row = 0;
    for (const piece of this.#pieces) {
      (into as Float64Array).set(piece as Float64Array, row);
      row += piece.length;
    }
  }
}

/** The form in which a column of that type keeps such data. */
export function formFor(type: NumberType, data: Numbers): NumberForm {
  const form = formOf(data);
  if (form === "f32") return type === "FLOAT" ? "f32" : "f64";
  return form === "i64" && parquetTypes[type] === "INT64" ? "i64" : "f64";
}

function formOf(data: Numbers): NumberForm {
  return data instanceof Float32Array ? "f32" : data instanceof BigInt64Array ? "i64" : "f64";
}

function newNumbers(form: NumberForm, memory: ArrayBuffer, at: number, rows: number): Numbers {
  if (form === "f32") return new Float32Array(memory, at, rows);
  return form === "i64" ? new BigInt64Array(memory, at, rows) : new Float64Array(memory, at, rows);
}
