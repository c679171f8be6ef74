import type {QueryEngine, Result, ResultColumn, Value} from "../../schema/engine.ts";
import {trinoDialect} from "./trino-dialect.ts";

/** Where a Trino cluster is asked: `http(s)://[USER[:PASSWORD]@]HOST[:PORT]/CATALOG/SCHEMA`. */
export interface TrinoPlace {
  readonly origin: string;
  readonly catalog: string;
  readonly schema: string;
  readonly user: string;
  readonly password: string;
}

/** Reads the address. Throws an Error that does not repeat a password. */
export function trinoPlace(address: string): TrinoPlace {
  const url = URL.canParse(address) ? new URL(address) : null;
  const path = /^\/([A-Za-z0-9_]+)\/([A-Za-z0-9_]+)\/?$/.exec(url?.pathname ?? "");
  if (!url || !/^https?:$/.test(url.protocol) || !path)
    throw new Error("trino: expected http(s)://[USER@]HOST[:PORT]/CATALOG/SCHEMA");
  if (url.password !== "" && url.protocol !== "https:") throw new Error("trino: a password is sent by https alone");
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  return {origin: url.origin, catalog: path[1], schema: path[2], user: user || "flowbook", password};
}

/** Rows that `query` collects at most. */
const mostRows = 1_000_000;
const patienceMs = 120_000;

interface Page {
  readonly nextUri?: string;
  readonly columns?: readonly {readonly name: string; readonly type: string}[];
  readonly data?: readonly (readonly unknown[])[];
  readonly error?: {readonly message: string};
}

/**
 * A Trino cluster as an engine, over its client protocol (a statement is posted, its pages are fetched). Values are as
 * DuckDB gives them: BIGINT as bigint, times as µs since 1970.
 */
export function openTrino(place: TrinoPlace): QueryEngine {
  const headers = {
    "X-Trino-User": place.user,
    "X-Trino-Catalog": place.catalog,
    "X-Trino-Schema": place.schema,
    "X-Trino-Source": "flowbook",
    "X-Trino-Time-Zone": "UTC",
    // Without it times come in ms.
    "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME",
    ...(place.password
      ? {Authorization: `Basic ${Buffer.from(`${place.user}:${place.password}`).toString("base64")}`}
      : {})
  };
  const page = async (url: string, body?: string): Promise<Page> => {
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(url, {
        method: body === undefined ? "GET" : "POST",
        body,
        headers,
        redirect: "error",
        signal: AbortSignal.timeout(patienceMs)
      }).catch((error: Error) => {
        const {code, message} = (error.cause ?? error) as NodeJS.ErrnoException;
        throw new Error(`trino: ${place.origin} cannot be reached: ${code ?? message}`, {cause: error});
      });
      if (response.ok) return parse(await response.text());
      // The protocol has these tried again.
      if (![502, 503, 504].includes(response.status) || attempt === 10)
        throw new Error(`trino: ${place.origin} answered ${response.status}`);
      await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
    }
  };

  return {
    dialect: trinoDialect,
    async query(sql, parameters = []): Promise<Result> {
      let columns: readonly ResultColumn[] = [];
      const rows: Value[][] = [];
      let answer = await page(`${place.origin}/v1/statement`, withParameters(sql.replace(/[;\s]+$/, ""), parameters));
      for (;;) {
        if (answer.error) throw new Error(answer.error.message);
        if (answer.columns) columns = answer.columns.map(({name, type}) => ({name, type: type.toUpperCase()}));
        for (const row of answer.data ?? []) rows.push(row.map((value, k) => plainValue(value, columns[k].type)));
        if (rows.length > mostRows)
          throw new Error(`the result has more than ${mostRows.toLocaleString("en")} rows; add a LIMIT`);
        if (!answer.nextUri) return {columns, rows};
        // Only to the cluster that was asked: what it answers names the next address.
        if (new URL(answer.nextUri).origin !== place.origin)
          throw new Error(`trino: ${place.origin} names pages elsewhere, at ${new URL(answer.nextUri).origin}`);
        answer = await page(answer.nextUri);
      }
    },
    close: async () => {}
  };
}

function withParameters(sql: string, parameters: readonly Value[]): string {
  if (parameters.length === 0) return sql;
  return `EXECUTE IMMEDIATE ${text(sql)} USING ${parameters.map(literalOf).join(", ")}`;
}

const text = (value: string) => `'${value.replaceAll("'", "''")}'`;

function literalOf(value: Value): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return text(value);
  return typeof value === "number" && !Number.isInteger(value) ? `DOUBLE '${value}'` : String(value);
}

/** JSON with whole numbers beyond 2⁵³ as texts: as numbers they would lose their last digits. */
function parse(json: string): Page {
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  return JSON.parse(json.replace(tokens, (token) => (/^-?\d{16,}$/.test(token) ? `"${token}"` : token)));
}

/** A value as DuckDB's engine gives it. */
function plainValue(value: unknown, type: string): Value {
  if (value === null || value === undefined) return null;
  if (type === "BIGINT") return BigInt(value as string | number);
  if (type.startsWith("TIMESTAMP")) return microseconds(String(value));
  // Trino writes a REAL by the fewest digits that name it; as a DOUBLE, which DuckDB gives, it has more.
  if (type === "REAL") return Math.fround(Number(value));
  if (type === "DOUBLE" || type.startsWith("DECIMAL")) return Number(value);
  return typeof value === "object" ? JSON.stringify(value) : (value as Value);
}

/** `2026-11-29 05:10:00.123456` (UTC) as µs since 1970. */
function microseconds(time: string): bigint {
  const [seconds, fraction = ""] = time.replace(/ UTC$/, "").split(".");
  const ms = Date.parse(`${seconds.replace(" ", "T")}Z`);
  if (Number.isNaN(ms)) throw new Error(`trino: expected a time, found ${JSON.stringify(time)}`);
  return BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, "0").slice(0, 6));
}
