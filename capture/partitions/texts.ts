import nb, {type LogicalType, type Vector} from "@duckdb/node-bindings";
import type {AddressColumn, ColumnData, TextColumn} from "../../schema/rows.ts";
import {markNulls} from "./validity.ts";
import {type BoundColumn, type ColumnBuffer, logicalType, plain, vectorSize} from "./vectors.ts";

/**
 * Texts by code. Each file gets a DuckDB ENUM of its own values, so that codes are copied instead of texts; Parquet
 * then holds them as a dictionary, and readers see VARCHAR. Texts with a NUL byte, which an ENUM cannot hold, make
 * the column be written text by text.
 */
export class TextBuffer implements ColumnBuffer {
  readonly #name: string;
  #codes = new Int32Array(vectorSize);
  #rows = 0;
  #values: string[] = [];
  #codeOf = new Map<string, number>();
  #hasNull = false;
  #hasNul = false;
  #textBytes = 0;
  #cells: Uint8Array | Uint16Array | Uint32Array | null = null;

  constructor(name: string) {
    this.#name = name;
  }

  get textBytes(): number {
    return this.#textBytes;
  }

  accepts(data: ColumnData | AddressColumn): boolean {
    return "codes" in data;
  }

  append(data: ColumnData | AddressColumn, rows: number): void {
    const {codes, values} = data as TextColumn;
    this.#grow(this.#rows + rows);
    const mapped = new Int32Array(values.length).fill(-1);
    const own = this.#codes;
    for (let i = 0, at = this.#rows; i < rows; i++, at++) {
      const code = codes[i];
      if (code < 0) {
        own[at] = -1;
        this.#hasNull = true;
      } else own[at] = mapped[code] >= 0 ? mapped[code] : (mapped[code] = this.#intern(values[code]));
    }
    this.#rows += rows;
  }

  bind(): BoundColumn {
    if (this.#hasNul) {
      this.#cells = null;
      return plain(this.#name, logicalType("VARCHAR"));
    }
    const type = nb.create_enum_type(this.#values.length > 0 ? this.#values : [""]);
    this.#cells = enumCells(type);
    return plain(this.#name, type);
  }

  fill([vector]: readonly Vector[], from: number, count: number, order: Uint32Array | null): void {
    const codes = this.#codes;
    const cells = this.#cells;
    const code = (i: number) => codes[order ? order[from + i] : from + i];
    if (cells) {
      if (order) for (let i = 0; i < count; i++) cells[i] = codes[order[from + i]];
      else for (let i = 0; i < count; i++) cells[i] = codes[from + i];
      if (this.#hasNull) for (let i = 0; i < count; i++) if (code(i) < 0) cells[i] = 0;
      nb.copy_data_to_vector(vector, 0, cells.buffer as ArrayBuffer, 0, count * cells.BYTES_PER_ELEMENT);
    } else
      for (let i = 0; i < count; i++)
        if (code(i) >= 0) nb.vector_assign_string_element_len(vector, i, Buffer.from(this.#values[code(i)]));
    if (this.#hasNull) markNulls(vector, count, (i) => code(i) < 0);
  }

  key(): number {
    throw new Error(`column ${this.#name}: files are not sorted by texts`);
  }

  clear(): void {
    this.#rows = 0;
    this.#values = [];
    this.#codeOf = new Map();
    this.#hasNull = false;
    this.#hasNul = false;
    this.#textBytes = 0;
  }

  #grow(rows: number): void {
    if (rows <= this.#codes.length) return;
    const codes = new Int32Array(Math.max(rows, this.#codes.length * 2));
    codes.set(this.#codes);
    this.#codes = codes;
  }

  /** Code of a text in this file; lone surrogates become U+FFFD, as UTF-8 has none. */
  #intern(text: string): number {
    const known = this.#codeOf.get(text);
    if (known !== undefined) return known;
    const value = wellFormed(text);
    const code = value === text ? this.#values.length : (this.#codeOf.get(value) ?? this.#values.length);
    if (code === this.#values.length) {
      this.#values.push(value);
      this.#codeOf.set(value, code);
      // JavaScript keeps up to two bytes a unit, and the map's entry some more.
      this.#textBytes += value.length * 2 + 64;
      if (value.includes("\0")) this.#hasNul = true;
    }
    if (value !== text) this.#codeOf.set(text, code);
    return code;
  }
}

function wellFormed(text: string): string {
  return (text as string & {toWellFormed(): string}).toWellFormed();
}

/** Space for a vector's codes: DuckDB keeps them in the narrowest unsigned number that holds the ENUM's size. */
export function enumCells(type: LogicalType): Uint8Array | Uint16Array | Uint32Array {
  const uint8 = 6;
  const uint16 = 7;
  const internal: number = nb.enum_internal_type(type);
  if (internal === uint8) return new Uint8Array(vectorSize);
  return internal === uint16 ? new Uint16Array(vectorSize) : new Uint32Array(vectorSize);
}
