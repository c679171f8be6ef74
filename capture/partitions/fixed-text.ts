import nb, {type Vector} from "@duckdb/node-bindings";
import {quoted} from "../../schema/ddl.ts";
import type {AddressColumn, ColumnData, FixedTextColumn} from "../../schema/rows.ts";
import {markNulls} from "./validity.ts";
import {type BoundColumn, type ColumnBuffer, logicalType, vectorSize} from "./vectors.ts";

/** A duckdb_string_t is 16 bytes: the length, then up to 12 bytes of text in place. */
const cellBytes = 16;
const pieceBytes = 12;

/**
 * Texts that all have one length and differ in every row. They are cut into pieces of 12 bytes, which DuckDB holds
 * in place and which can therefore be copied as memory; the query that writes the file joins them.
 */
export class FixedTextBuffer implements ColumnBuffer {
  readonly textBytes = 0;
  readonly #name: string;
  readonly #width: number;
  readonly #scratch = new Uint8Array(vectorSize * cellBytes);
  #bytes: Uint8Array;
  #rows = 0;

  constructor(name: string, width: number) {
    this.#name = name;
    this.#width = width;
    this.#bytes = new Uint8Array(vectorSize * width);
  }

  accepts(data: ColumnData | AddressColumn): boolean {
    return "width" in data && data.width === this.#width;
  }

  append(data: ColumnData | AddressColumn, rows: number): void {
    const {bytes} = data as FixedTextColumn;
    const end = (this.#rows + rows) * this.#width;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes.subarray(0, rows * this.#width), this.#rows * this.#width);
    this.#rows += rows;
  }

  bind(): BoundColumn {
    const names = this.#pieces().map((piece) => `${this.#name}/${piece}`);
    return {
      names,
      types: names.map(() => logicalType("VARCHAR")),
      select: `${names.map(quoted).join(" || ")} AS ${quoted(this.#name)}`
    };
  }

  fill(vectors: readonly Vector[], from: number, count: number, order: Uint32Array | null): void {
    const bytes = this.#bytes;
    const width = this.#width;
    const cells = this.#scratch;
    for (const piece of this.#pieces()) {
      const start = piece * pieceBytes;
      const length = Math.min(pieceBytes, width - start);
      for (let i = 0; i < count; i++) {
        const source = (order ? order[from + i] : from + i) * width + start;
        const target = i * cellBytes;
        cells[target] = length;
        for (let k = 0; k < length; k++) cells[target + 4 + k] = bytes[source + k];
        for (let k = length; k < pieceBytes; k++) cells[target + 4 + k] = 0;
      }
      nb.copy_data_to_vector(vectors[piece], 0, cells.buffer, 0, count * cellBytes);
    }
    markNulls(vectors[0], count, (i) => bytes[(order ? order[from + i] : from + i) * width] === 0);
  }

  key(): number {
    throw new Error(`column ${this.#name}: files are not sorted by texts`);
  }

  clear(): void {
    this.#rows = 0;
  }

  #pieces(): number[] {
    return Array.from({length: Math.ceil(this.#width / pieceBytes)}, (_, k) => k);
  }
}
