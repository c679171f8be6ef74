/** Batches of rows in columnar form, which the meter and the dissectors pass to the Parquet writer. */

/** Dictionary-encoded texts: each distinct value is stored once. A code of -1 is NULL. */
export interface TextColumn {
  readonly codes: Int32Array;
  readonly values: readonly string[];
}

/** As TextColumn, with the texts as UTF-8 bytes, so that no JavaScript string is created. */
export interface EncodedTextColumn {
  readonly codes: Int32Array;
  /** For each of the distinct texts in turn its length (u32, little endian) and its UTF-8 bytes. */
  readonly texts: Uint8Array;
  readonly distinct: number;
}

/** Dictionary-encoded texts in either form. */
export type CodedTextColumn = TextColumn | EncodedTextColumn;

/**
 * ASCII texts of equal length, one after another without separator (`community_id`: width 30). Values that differ in
 * every row are written without creating strings. A text of only zero bytes is NULL.
 */
export interface FixedTextColumn {
  readonly width: number;
  /** At least rows × width bytes. */
  readonly bytes: Uint8Array;
}

/**
 * IP addresses as bytes. The writer formats each distinct address once per file. Row `i` has its
 * bytes (4 or 16, in network order) at `i × stride` and its version (4 or 6; 0 is NULL) at `i × versionStride`.
 */
export interface AddressColumn {
  readonly addresses: Uint8Array;
  readonly stride: number;
  readonly versions: Uint8Array;
  readonly versionStride: number;
}

/**
 * One column of a batch. Numbers, booleans (0/1) and timestamps (µs since 1970) come as Float64Array with NaN for
 * NULL; 64-bit identifiers as BigInt64Array; texts by code, or of fixed width by their bytes.
 */
export type ColumnData = Float64Array | Float32Array | BigInt64Array | CodedTextColumn | FixedTextColumn;

/** A batch of rows for one table of the lake; `columns` are in the order of that table's list of columns. */
export interface RowBatch {
  readonly table: string;
  readonly rows: number;
  readonly columns: readonly (ColumnData | AddressColumn)[];
  /**
   * Where given: memory that all columns lie in and that nobody else uses; it may be moved to another thread. The bytes
   * of texts may lie in other memory, each column's alone in its own, which is moved as well.
   */
  readonly memory?: ArrayBuffer;
}
