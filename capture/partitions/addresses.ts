import type {AddressColumn, ColumnData} from "../../schema/rows.ts";
import type {ColumnBuffer, Room} from "./column-buffer.ts";
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

  get room(): Room {
    return {input: this.#rows * (addressBytes + 1), texts: 0, sources: 0};
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

  sort(): boolean {
    throw new Error(`column ${this.#name}: files are not sorted by addresses`);
  }

  clear(): void {
    this.#pieces = [];
    this.#rows = 0;
  }
}

/** Copies `rows` items of `bytes` bytes (16, or 1) that stand `stride` apart to where they follow one another. */
function place(from: Uint8Array, stride: number, into: Uint8Array, row: number, rows: number, bytes: number): void {
  if (stride === bytes) into.set(from.subarray(0, rows * bytes), row * bytes);
  else if (bytes === 1) for (let i = 0; i < rows; i++) into[row + i] = from[i * stride];
  else if (from.byteOffset % 4 === 0 && stride % 4 === 0) placeWords(from, stride / 4, into, row * 4, rows);
  else for (let i = 0; i < rows; i++) into.set(from.subarray(i * stride, i * stride + bytes), (row + i) * bytes);
}

function placeWords(from: Uint8Array, stride: number, into: Uint8Array, at: number, rows: number): void {
  const source = new Uint32Array(from.buffer, from.byteOffset, from.byteLength >> 2);
  const target = new Uint32Array(into.buffer, into.byteOffset, into.byteLength >> 2);
  for (let i = 0, s = 0, t = at; i < rows; i++, s += stride, t += 4) {
    target[t] = source[s];
    target[t + 1] = source[s + 1];
    target[t + 2] = source[s + 2];
    target[t + 3] = source[s + 3];
  }
}
