/** A statement for the notebook's server, which runs it over the lake. */
export interface Asked {
  readonly sql: string;
  /** Bound to `?` in order, never part of the text. */
  readonly parameters?: readonly Parameter[];
  /** The page that asks, as `/name`: tables that its front matter names are there, too. */
  readonly page?: string;
}

/** What can be bound to a `?`. */
export type Parameter = string | number | boolean | null;

/** The server did not answer a statement; the message says why, in DuckDB's words where the statement is wrong. */
export class AskError extends Error {
  override readonly name = "AskError";
  /** The cap that was reached, where one was. */
  readonly cap: "time" | "memory" | "bytes" | "rows" | null;
  constructor(message: string, cap: AskError["cap"] = null) {
    super(message);
    this.cap = cap;
  }
}

/** Rows of an answer as objects; times are ISO texts. */
export interface Rows {
  readonly columns: readonly {readonly name: string; readonly type: string}[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** The answer as rows. Aborting the signal cancels the query on the server. */
export async function askRows(asked: Asked, signal?: AbortSignal): Promise<Rows> {
  return (await ask(asked, "rows", signal)).json();
}

/** The answer as an Arrow IPC stream. Aborting the signal cancels the query on the server. */
export async function askArrow(asked: Asked, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await ask(asked, "arrow", signal)).arrayBuffer());
}

function ask(asked: Asked, format: "rows" | "arrow", signal?: AbortSignal): Promise<Response> {
  return askServer("/api/query", {...asked, format}, signal);
}

/** Sends a question of whatever kind; waits and asks again where the server is busy. Throws an AskError with its words. */
export async function askServer(path: string, question: object, signal?: AbortSignal): Promise<Response> {
  const body = JSON.stringify(question);
  for (let tries = 1; ; tries++) {
    const response = await fetch(path, {
      method: "POST",
      headers: {"content-type": "application/json"},
      body,
      signal
    });
    if (response.ok) return response;
    // Many cells of a page ask at once: the server says when there is room again. A busy one may not have come to read
    // a question in time, and refuses it unread.
    if ((response.status === 503 || response.status === 408) && tries < mostTries) {
      await new Promise((wake) => setTimeout(wake, Number(response.headers.get("retry-after") ?? 1) * 1000));
      signal?.throwIfAborted();
      continue;
    }
    const said = await response.json().catch(() => null);
    throw new AskError(said?.error ?? `the server answers ${response.status}`, said?.cap ?? null);
  }
}

const mostTries = 4;

/**
 * A value as it can be bound: dates are UTC texts that DuckDB takes for timestamps, whole numbers beyond 2^53 are texts.
 * Throws where a value is none that SQL knows.
 */
export function parameterOf(value: unknown): Parameter {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.toISOString().replace("T", " ").replace("Z", "");
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  throw new TypeError(`an SQL parameter is a text, number, date, boolean or null; found ${typeof value}`);
}

/**
 * A tagged literal as a statement: each `${}` is a `?`, an array a list of them (`IN (${names})`), an empty one NULL, so
 * that nothing is in it.
 */
export function statementOf(strings: readonly string[], values: readonly unknown[]): Required<Omit<Asked, "page">> {
  const parameters: Parameter[] = [];
  const marks = values.map((value) => {
    const many = Array.isArray(value) ? value : [value];
    if (many.length === 0) return "NULL";
    for (const each of many) parameters.push(parameterOf(each));
    // Some versions of DuckDB would compare a time with a text.
    return many.map((each) => (each instanceof Date ? "CAST(? AS TIMESTAMP)" : "?")).join(", ");
  });
  return {sql: strings.map((text, k) => text + (marks[k] ?? "")).join(""), parameters};
}
