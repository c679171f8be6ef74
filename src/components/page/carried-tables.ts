import {tableFromIPC} from "npm:apache-arrow";
import {AsyncDuckDB, type AsyncDuckDBConnection, VoidLogger} from "@duckdb/duckdb-wasm";
import type {Asked} from "../../lib/ask.js";
import type {Carried, CarriedFile} from "../../lib/carried.js";
import type {Answer, Cell} from "../../lib/question.js";
import {carriedBytes} from "./carried-file.js";

let opened: Promise<AsyncDuckDBConnection> | undefined;
const brought = new Map<string, Promise<void>>();

/** Asks the tables that the page carries, by DuckDB in the browser; returns an Arrow IPC stream. */
export async function askCarried(carried: Carried, needs: readonly string[], asked: Asked): Promise<Uint8Array> {
  opened ??= open(carried);
  const connection = await opened;
  for (const name of needs) {
    if (!brought.has(name)) brought.set(name, bring(connection, name, carried.tables[name] as CarriedFile));
    await brought.get(name);
  }
  const {bindings} = connection;
  const connectionId = connection.useUnsafe((_, id) => id);
  const statement = await bindings.createPrepared(connectionId, asked.sql);
  try {
    return await bindings.runPrepared(connectionId, statement, [...(asked.parameters ?? [])]);
  } finally {
    await bindings.closePrepared(connectionId, statement);
  }
}

/** An Arrow IPC stream as the server's answers are: whole numbers beyond 2^53 are texts. */
export function cellsOf(bytes: Uint8Array): Answer {
  const table = tableFromIPC(bytes);
  const vectors = table.schema.fields.map((_, k) => table.getChildAt(k)!);
  const cell = (value: unknown): Cell => {
    if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    return typeof value === "boolean" ? Number(value) : ((value ?? null) as Cell);
  };
  return {
    columns: table.schema.fields.map(({name}) => name),
    rows: Array.from({length: table.numRows}, (_, row) => vectors.map((vector) => cell(vector.get(row))))
  };
}

/** DuckDB in a worker that gets its module from the page: it asks nobody, and works in a page opened from disk. */
async function open({duckdb}: Carried): Promise<AsyncDuckDBConnection> {
  if (!duckdb) throw new Error("this page carries no DuckDB");
  const [script, module] = await Promise.all([carriedBytes(duckdb.worker.href), carriedBytes(duckdb.module.href)]);
  const address = URL.createObjectURL(new Blob([givenModule, script], {type: "text/javascript"}));
  const worker = new Worker(address);
  worker.postMessage({flowbookModule: module.buffer}, [module.buffer]);
  const database = new AsyncDuckDB(new VoidLogger(), worker);
  await database.instantiate(moduleAddress);
  URL.revokeObjectURL(address);
  await database.open({query: {castTimestampToDate: false}});
  const connection = await database.connect();
  for (const setting of ["autoinstall_known_extensions", "autoload_known_extensions"])
    await connection.query(`SET ${setting} = false`);
  await connection.query("SET TimeZone = 'UTC'").catch(() => {});
  return connection;
}

const moduleAddress = "flowbook:duckdb.wasm";

/** In front of DuckDB's worker: its request for the module is answered by the message that brings it. */
const givenModule = `{
  let give;
  const given = new Promise((resolve) => { give = resolve; });
  addEventListener("message", (event) => {
    if (!event.data?.flowbookModule) return;
    event.stopImmediatePropagation();
    give(new Response(event.data.flowbookModule, {headers: {"content-type": "application/wasm"}}));
  });
  const online = self.fetch;
  self.fetch = (request, init) =>
    String(request.url ?? request) === "${moduleAddress}" ? given : online(request, init);
}
`;

async function bring(connection: AsyncDuckDBConnection, name: string, {href}: CarriedFile): Promise<void> {
  await connection.insertArrowFromIPCStream(await carriedBytes(href), {name, create: true});
}
