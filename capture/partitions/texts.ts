import type {AddressColumn, CodedTextColumn, ColumnData} from "../../schema/rows.ts";
import type {ColumnBuffer, Room} from "./column-buffer.ts";
import type {ColumnEncoder, RowRange} from "./encoder/encoder.ts";

const codeBytes = 4;
/** Bytes that the encoder is told of a piece, and that it needs for each of its texts. */
const pieceBytes = 12;
const foundBytes = 8;

/** Rows that came at once: their codes, and the texts that these stand for, each with its length (u32) before it. */
interface Piece {
  readonly codes: Int32Array;
  readonly texts: Uint8Array;
  readonly distinct: number;
}

/** Texts by code; a file's distinct ones become its dictionary, in the encoder. */
export class TextBuffer implements ColumnBuffer {
  readonly #name: string;
  #pieces: Piece[] = [];
  #rows = 0;
  #bytes = 0;
  /** Texts of the piece with the most. */
  #most = 0;

  constructor(name: string) {
    this.#name = name;
  }

  get textBytes(): number {
    return this.#bytes;
  }

  get room(): Room {
    const told = this.#pieces.length * pieceBytes;
    return {input: this.#rows * codeBytes, texts: this.#bytes, sources: told + this.#bytes + this.#most * foundBytes};
  }

  accepts(data: ColumnData | AddressColumn): boolean {
    return "codes" in data;
  }

  append(data: ColumnData | AddressColumn, rows: number): void {
    const column = data as CodedTextColumn;
    const codes = column.codes.subarray(0, rows);
    const piece =
      "values" in column
        ? {codes, texts: encodedTexts(column.values), distinct: column.values.length}
        : {codes, texts: column.texts, distinct: column.distinct};
    this.#pieces.push(piece);
    this.#rows += rows;
    this.#bytes += piece.texts.length;
    this.#most = Math.max(this.#most, piece.distinct);
  }

  encode(encoder: ColumnEncoder, range: RowRange): void {
    const {input, sources} = encoder;
    const codes = new Int32Array(input.memory, input.at, this.#rows);
    const told = new Uint32Array(sources.memory, sources.at, this.#pieces.length * 3);
    const texts = new Uint8Array(sources.memory, sources.at + told.byteLength, this.#bytes);
    let row = 0;
    let end = 0;
    for (const [k, piece] of this.#pieces.entries()) {
      told[k * 3] = piece.codes.length;
      told[k * 3 + 1] = piece.distinct;
      told[k * 3 + 2] = piece.texts.length;
      codes.set(piece.codes, row);
      texts.set(piece.texts, end);
      row += piece.codes.length;
      end += piece.texts.length;
    }
    encoder.codes(range, this.#pieces.length, this.#bytes);
  }

  sort(): boolean {
    throw new Error(`column ${this.#name}: files are not sorted by texts`);
  }

  clear(): void {
    this.#pieces = [];
    this.#rows = 0;
    this.#bytes = 0;
    this.#most = 0;
  }
}

/** Texts in UTF-8, each with its length (u32, little endian) before it; lone surrogates become U+FFFD, as it has none. */
function encodedTexts(values: readonly string[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(values.reduce((sum, text) => sum + 4 + Buffer.byteLength(text), 0));
  let at = 0;
  for (const text of values) {
    const length = bytes.write(text, at + 4);
    bytes.writeUInt32LE(length, at);
    at += 4 + length;
  }
  return bytes;
}
