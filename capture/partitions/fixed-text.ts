import type {AddressColumn, ColumnData, FixedTextColumn} from "../../schema/rows.ts";
import type {ColumnBuffer, Room} from "./column-buffer.ts";
import type {ColumnEncoder, RowRange} from "./encoder/encoder.ts";

/** Texts that all have one length and differ in every row: written by their bytes. */
export class FixedTextBuffer implements ColumnBuffer {
  readonly textBytes = 0;
  readonly #name: string;
  readonly #width: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(name: string, width: number) {
    this.#name = name;
    this.#width = width;
  }

  get room(): Room {
    return {input: this.#bytes, texts: 0, sources: 0};
  }

  accepts(data: ColumnData | AddressColumn): boolean {
    return "width" in data && data.width === this.#width;
  }

  append(data: ColumnData | AddressColumn, rows: number): void {
    const bytes = (data as FixedTextColumn).bytes.subarray(0, rows * this.#width);
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
  }

  encode(encoder: ColumnEncoder, range: RowRange): void {
    const {memory, at} = encoder.input;
    const input = new Uint8Array(memory, at, this.#bytes);
    let end = 0;
    for (const piece of this.#pieces) {
      input.set(piece, end);
      end += piece.length;
    }
    encoder.fixedTexts(this.#width, range);
  }

  sort(): boolean {
    throw new Error(`column ${this.#name}: files are not sorted by texts`);
  }

  clear(): void {
    this.#pieces = [];
    this.#bytes = 0;
  }
}
