import type {AddressColumn, ColumnData} from "../../schema/rows.ts";
import type {ColumnBuffer} from "./column-buffer.ts";
import type {ColumnEncoder, RowRange} from "./encoder/encoder.ts";

const addressBytes = 16;

/** Addresses by their bytes: each distinct one becomes a text once a file, where it is written. */
export class AddressBuffer implements ColumnBuffer {
  readonly textBytes = 0;
  readonly #name: string;
  #pieces: {data: AddressColumn; rows: number}[] = [];
  #rows = 0;

  constructor(name: string) {
    this.#name = name;
  }

  get room(): {input: number; texts: number} {
    return {input: this.#rows * (addressBytes + 1), texts: 0};
  }

  accepts(data: ColumnData | AddressColumn): boolean {
    return "addresses" in data;
  }

  append(data: ColumnData | AddressColumn, rows: number): void {
    this.#pieces.push({data: data as AddressColumn, rows});
    this.#rows += rows;
  }

  encode(encoder: ColumnEncoder, range: RowRange): void {
    const {memory, at} = encoder.input;
    const addresses = new Uint8Array(memory, at, this.#rows * addressBytes);
    const versions = new Uint8Array(memory, at + this.#rows * addressBytes, this.#rows);
    let row = 0;
    for (const {data, rows} of this.#pieces) {
      place(data.addresses, data.stride, addresses, row, rows, addressBytes);
      place(data.versions, data.versionStride, versions, row, rows, 1);
      row += rows;
    }
    encoder.addresses(this.#rows, range);
  }

  keys(): Float64Array {
    throw new Error(`column ${this.#name}: files are not sorted by addresses`);
  }

  clear(): void {
    this.#pieces = [];
    this.#rows = 0;
  }
}

/** Copies `rows` items of `bytes` bytes that stand `stride` apart to where they follow one another. */
function place(from: Uint8Array, stride: number, into: Uint8Array, row: number, rows: number, bytes: number): void {
  if (stride === bytes) {
    into.set(from.subarray(0, rows * bytes), row * bytes);
    return;
  }
  for (let i = 0; i < rows; i++) for (let k = 0; k < bytes; k++) into[(row + i) * bytes + k] = from[i * stride + k];
}
