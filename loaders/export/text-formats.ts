import type {ResultColumn, Value} from "../../schema/engine.ts";

/** Rows as text: what comes before, between and after them. */
export interface TextFormat {
  begin(columns: readonly ResultColumn[]): string;
  row(row: readonly Value[], columns: readonly ResultColumn[], index: number): string;
  end(rows: number): string;
}

/**
 * Comma-separated values with a header (RFC 4180, line feeds). NULL is empty. Text cells that a spreadsheet would run
 * as a formula get an apostrophe in front, unless `raw`; some read the full-width signs, too.
 */
export function csv(raw = false): TextFormat {
  const guard = (text: string) => (!raw && /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text);
  const quote = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return {
    begin: (columns) => `${columns.map(({name}) => quote(guard(name))).join(",")}\n`,
    row: (row, columns) =>
      `${row
        .map((value, k) => {
          if (value === null) return "";
          if (isTimestamp(columns[k])) return isoTime(value);
          return typeof value === "string" ? quote(guard(value)) : String(value);
        })
        .join(",")}\n`,
    end: () => ""
  };
}

/** One JSON object a line; lists and STRUCTs are nested. */
export const ndjson: TextFormat = {
  begin: () => "",
  row: (row, columns) => `${JSON.stringify(nestedObject(row, columns))}\n`,
  end: () => ""
};

/** A JSON array of objects; lists and STRUCTs are nested. */
export const json: TextFormat = {
  begin: () => "[",
  row: (row, columns, index) => `${index > 0 ? ",\n " : "\n "}${JSON.stringify(nestedObject(row, columns))}`,
  end: (rows) => (rows > 0 ? "\n]\n" : "]\n")
};

/** One JSON object with the columns, then the rows as objects. */
export const rowsWithColumns: TextFormat = {
  begin: (columns) => `{"columns":${JSON.stringify(columns)},"rows":[`,
  row: (row, columns, index) => `${index > 0 ? "," : ""}${JSON.stringify(jsonObject(row, columns))}`,
  end: () => "]}"
};

/** One JSON object with the names of columns, then the rows as arrays: what pages read their answers from. */
export const cells: TextFormat = {
  begin: (columns) => `{"columns":${JSON.stringify(columns.map(({name}) => name))},"rows":[`,
  row: (row, columns, index) =>
    `${index > 0 ? "," : ""}${JSON.stringify(row.map((value, k) => jsonValue(value, columns[k])))}`,
  end: () => "]}"
};

/** A row as JSON has it: whole numbers beyond 2^53 and all times as texts, NaN and infinities as null. */
export function jsonObject(
  row: readonly Value[],
  columns: readonly ResultColumn[]
): Record<string, string | number | boolean | null> {
  return Object.fromEntries(row.map((value, k) => [columns[k].name, jsonValue(value, columns[k])]));
}

/** As `jsonObject`, with what the engine nests not as its JSON text but as JSON. */
function nestedObject(row: readonly Value[], columns: readonly ResultColumn[]): Record<string, unknown> {
  const object: Record<string, unknown> = jsonObject(row, columns);
  for (const {name, type} of columns)
    if (/^(?:STRUCT|MAP|UNION)\(|\]$/.test(type) && typeof object[name] === "string")
      object[name] = JSON.parse(object[name]);
  return object;
}

function jsonValue(value: Value, column: ResultColumn): string | number | boolean | null {
  if (value === null) return null;
  if (isTimestamp(column)) return isoTime(value);
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  return value;
}

/** Whether a column's values are µs since 1970. */
export function isTimestamp(column: ResultColumn): boolean {
  return column.type.startsWith("TIMESTAMP");
}

/** ISO 8601 in UTC with six digits after the point; the number of µs where no calendar date exists for it. */
export function isoTime(us: Value): string {
  const micros = BigInt(us as bigint);
  const rest = ((micros % 1000n) + 1000n) % 1000n;
  const date = new Date(Number((micros - rest) / 1000n));
  if (Number.isNaN(date.getTime())) return String(micros);
  return `${date.toISOString().slice(0, -1)}${String(rest).padStart(3, "0")}Z`;
}
