/**
 * The pages' copy of the lake's flows with their current verdicts, a column at a time, so that filters and questions
 * run over typed arrays. Numbers are 64-bit floats with NaN for NULL (whole numbers are exact to 2⁵³; a boolean is 0
 * or 1); texts are codes into a list of distinct values, -1 for NULL. Rows lie in the order of `ts_start`.
 */
export interface FlowTable {
  readonly rows: number;
  /** `flow_id`; unique together with the capture. */
  readonly ids: BigInt64Array;
  readonly numbers: Readonly<Record<NumberColumn, Float64Array>>;
  readonly texts: Readonly<Record<TextColumnName, Texts>>;
}

/** A column of texts by code. */
export interface Texts {
  readonly codes: Int32Array;
  readonly values: readonly string[];
}

/** Number columns of the page data; first of `flows`, then of `verdicts`; `payload_bytes` is of both directions. */
export const numberColumns = [
  "ts_start",
  "duration_us",
  "src_port",
  "dst_port",
  "proto",
  "src_pkts",
  "dst_pkts",
  "src_wire_bytes",
  "dst_wire_bytes",
  "payload_bytes",
  "rtt_us",
  "src_retransmits",
  "dst_retransmits",
  "probability",
  "is_unknown",
  "anomaly_score",
  "is_anomaly"
] as const;

/** Text columns of the page data. `src_ip` and `dst_ip` share one list of values, so that a host has one code. */
export const textColumns = [
  "capture_sha256",
  "src_ip",
  "dst_ip",
  "service",
  "conn_state",
  "server_name",
  "label",
  "state",
  "incident_id",
  "activity"
] as const;

/** Columns that come from the verdicts of the current model; NULL in all of them means: not scored. */
export const verdictColumns = ["label", "probability", "is_unknown", "anomaly_score", "is_anomaly"] as const;

export type NumberColumn = (typeof numberColumns)[number];
export type TextColumnName = (typeof textColumns)[number];

/** The parts of an Arrow table that are read here; `apache-arrow` and what `.parquet()` gives have them. */
export interface ArrowTable {
  readonly numRows: number;
  getChild(name: string): ArrowColumn | null;
}

export interface ArrowColumn {
  readonly data: readonly ArrowChunk[];
  get?(row: number): unknown;
}

export interface ArrowChunk {
  readonly length: number;
  readonly offset: number;
  readonly nullCount: number;
  readonly nullBitmap?: Uint8Array | null;
  // Texts: UTF-8 bytes with offsets of 32 or 64 bits. Else: numbers; booleans are a bitmap.
  // biome-ignore lint/suspicious/noExplicitAny: the arrays' types depend on the column's
  readonly values: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly valueOffsets?: any;
  readonly type: {readonly typeId: number};
}

/** Reads the page data. Throws where a column is missing: the page data were written by another version. */
export function flowTable(arrow: ArrowTable): FlowTable {
  const rows = arrow.numRows;
  const column = (name: string) => {
    const found = arrow.getChild(name);
    if (!found) throw new Error(`flows.parquet: expected a column ${name}, found none: renew the page data`);
    return found;
  };
  const hosts = new TextList();
  const texts = Object.fromEntries(
    textColumns.map((name) => {
      const list = name === "src_ip" || name === "dst_ip" ? hosts : new TextList();
      return [name, {codes: readTexts(column(name), rows, list), values: list.values}];
    })
  );
  return {
    rows,
    ids: readIds(column("flow_id"), rows),
    numbers: Object.fromEntries(numberColumns.map((name) => [name, readNumbers(column(name), rows)])),
    texts
  } as unknown as FlowTable;
}

/** Some rows of a table as a table; the lists of texts are shared. */
export function rowsOf(flows: FlowTable, rows: Uint32Array): FlowTable {
  const each = <T>(columns: Readonly<Record<string, T>>, take: (column: T) => T) =>
    Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, take(column)]));
  return {
    rows: rows.length,
    ids: BigInt64Array.from(Array.from(rows, (row) => flows.ids[row])),
    numbers: each(flows.numbers, (values) => Float64Array.from(rows, (row) => values[row])),
    texts: each(flows.texts, ({codes, values}) => ({codes: Int32Array.from(rows, (row) => codes[row]), values}))
  } as unknown as FlowTable;
}

/** Rows of cells, such as a server answers with, as a table; a boolean may stand as itself. Throws where a column is missing. */
export function flowRows(columns: readonly string[], rows: readonly (readonly unknown[])[]): FlowTable {
  const cells = (name: string) => {
    const at = columns.indexOf(name);
    if (at < 0) throw new Error(`flows: expected a column ${name}, found ${columns.join(", ")}`);
    return rows.map((row) => row[at]);
  };
  const lists = new Map<string, {values: string[]; codes: Map<string, number>}>();
  const texts = (name: TextColumnName): Texts => {
    const key = name === "dst_ip" ? "src_ip" : name;
    const list = lists.get(key) ?? {values: [] as string[], codes: new Map<string, number>()};
    lists.set(key, list);
    const codes = Int32Array.from(cells(name), (cell: unknown) => {
      if (cell === null) return -1;
      const text = String(cell);
      let code = list.codes.get(text);
      if (code === undefined) list.codes.set(text, (code = list.values.push(text) - 1));
      return code;
    });
    return {codes, values: list.values};
  };
  const numbers = (name: NumberColumn) =>
    Float64Array.from(cells(name), (cell: unknown) => (cell === null ? Number.NaN : Number(cell)));
  return {
    rows: rows.length,
    ids: BigInt64Array.from(cells("flow_id"), (cell: unknown) => BigInt(cell as string | number)),
    numbers: Object.fromEntries(numberColumns.map((name) => [name, numbers(name)])),
    texts: Object.fromEntries(textColumns.map((name) => [name, texts(name)]))
  } as unknown as FlowTable;
}

function readIds(column: ArrowColumn, rows: number): BigInt64Array {
  const ids = new BigInt64Array(rows);
  let at = 0;
  for (const chunk of column.data) {
    ids.set(chunk.values.subarray(0, chunk.length), at);
    at += chunk.length;
  }
  return ids;
}

const arrowBool = 6;

function readNumbers(column: ArrowColumn, rows: number): Float64Array {
  const numbers = new Float64Array(rows);
  let at = 0;
  for (const chunk of column.data) {
    const {values, length} = chunk;
    if (chunk.type.typeId === arrowBool) {
      for (let i = 0; i < length; i++) numbers[at + i] = bit(values, chunk.offset + i);
    } else if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
      for (let i = 0; i < length; i++) numbers[at + i] = Number(values[i]);
    } else {
      numbers.set(values.length === length ? values : values.subarray(0, length), at);
    }
    if (chunk.nullCount > 0 && chunk.nullBitmap?.length)
      for (let i = 0; i < length; i++) if (!bit(chunk.nullBitmap, chunk.offset + i)) numbers[at + i] = Number.NaN;
    at += length;
  }
  return numbers;
}

function readTexts(column: ArrowColumn, rows: number, list: TextList): Int32Array {
  const codes = new Int32Array(rows);
  let at = 0;
  for (const {values, valueOffsets, length, nullCount, nullBitmap, offset} of column.data) {
    const mayBeNull = nullCount > 0 && nullBitmap?.length;
    for (let i = 0; i < length; i++)
      codes[at + i] =
        mayBeNull && !bit(nullBitmap as Uint8Array, offset + i)
          ? -1
          : list.code(values, Number(valueOffsets[i]), Number(valueOffsets[i + 1]));
    at += length;
  }
  return codes;
}

function bit(bitmap: Uint8Array, i: number): number {
  return (bitmap[i >> 3] >> (i & 7)) & 1;
}

const decoder = new TextDecoder();

/** Distinct texts in order of appearance, found by their UTF-8 bytes: a text is decoded once, not once a row. */
class TextList {
  readonly values: string[] = [];
  #bytes: Uint8Array[] = [];
  #hashes: number[] = [];
  #slots = new Int32Array(1024).fill(-1);

  code(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let code = this.#slots[slot]; code >= 0; code = this.#slots[slot]) {
      if (this.#hashes[code] === hash && same(this.#bytes[code], bytes, start, end)) return code;
      slot = (slot + 1) & mask;
    }
    const text = bytes.slice(start, end);
    const code = this.values.push(decoder.decode(text)) - 1;
    this.#bytes.push(text);
    this.#hashes.push(hash);
    this.#slots[slot] = code;
    if (this.values.length * 2 > this.#slots.length) this.#grow();
    return code;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = this.#slots.length - 1;
    for (let code = 0; code < this.#hashes.length; code++) {
      let slot = this.#hashes[code] & mask;
      while (this.#slots[slot] >= 0) slot = (slot + 1) & mask;
      this.#slots[slot] = code;
    }
  }
}

function same(text: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text[i] !== bytes[start + i]) return false;
  return true;
}
