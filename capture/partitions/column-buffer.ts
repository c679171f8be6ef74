import type {AddressColumn, ColumnData} from "../../schema/rows.ts";
import type {ColumnEncoder, RowRange} from "./encoder/encoder.ts";

export interface Room {
  readonly input: number;
  readonly texts: number;
  readonly sources: number;
}

/** The values of one column waiting to be written. */
export interface ColumnBuffer {
  /** Whether data of this form can follow what is buffered. */
  accepts(data: ColumnData | AddressColumn): boolean;
  append(data: ColumnData | AddressColumn, rows: number): void;
  /** Bytes that the encoder must have room for: the buffered rows, a dictionary of texts, and what it is made from. */
  readonly room: Room;
  /** Encodes a range of the rows in the encoder's order. */
  encode(encoder: ColumnEncoder, range: RowRange): void;
  /** Sorts the encoder's rows by this column, which follows the ones sorted by before; whether any rows are still equal. */
  sort(encoder: ColumnEncoder): boolean;
  /** Bytes of text held beside the fixed part of a row. */
  readonly textBytes: number;
  clear(): void;
}
