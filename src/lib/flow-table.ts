/**
 * The pages' copy of the lake's flows with their current verdicts, a column at a time, so that filters and questions
 * run over typed arrays. Numbers lie in the narrowest array that holds a column as it is, with NaN for NULL (whole numbers
 * are exact to 2⁵³; a boolean is 0 or 1); texts are codes into a list of distinct values, -1 for NULL. Rows lie in the order
 * of `ts_start`.
 */
export interface FlowTable {
  readonly rows: number;
  /** `flow_id`; unique together with the capture. */
  readonly ids: BigInt64Array;
  readonly numbers: Readonly<Record<NumberColumn, Numbers>>;
  readonly texts: Readonly<Record<TextColumnName, Texts>>;
}

/** A column of numbers. What is made of one column and another needs a wider array than theirs. */
export type Numbers = Uint8Array | Float32Array | Float64Array;

/** A column of texts by code. */
export interface Texts {
  readonly codes: Int16Array | Int32Array;
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

/** Some rows of a table as a table, which shares nothing with it. */
export function rowsOf(flows: FlowTable, rows: Uint32Array): FlowTable {
  const lists = new Map<readonly string[], {values: string[]; codes: Map<number, number>}>();
  const texts = ({codes, values}: Texts): Texts => {
    const list = lists.get(values) ?? {values: [], codes: new Map<number, number>()};
    lists.set(values, list);
    const own = Int32Array.from(rows, (row) => {
      if (codes[row] < 0) return -1;
      let code = list.codes.get(codes[row]);
      if (code === undefined) list.codes.set(codes[row], (code = list.values.push(values[codes[row]]) - 1));
      return code;
    });
    return {codes: own, values: list.values};
  };
  const numbers = (values: Numbers) => Float64Array.from(rows, (row) => values[row]);
  return {
    rows: rows.length,
    ids: BigInt64Array.from(Array.from(rows, (row) => flows.ids[row])),
    numbers: Object.fromEntries(numberColumns.map((name) => [name, numbers(flows.numbers[name])])),
    texts: Object.fromEntries(textColumns.map((name) => [name, texts(flows.texts[name])]))
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
