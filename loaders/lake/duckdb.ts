import {existsSync, mkdirSync, realpathSync} from "node:fs";
import {availableParallelism} from "node:os";
import {dirname, join} from "node:path";
import {type DuckDBConnection, DuckDBInstance} from "@duckdb/node-api";
import {closedSettings} from "../../capture/partitions/engine.ts";
import {rollupsFolder} from "../../capture/partitions/layout.ts";
import {keyValueMetadata, literal} from "../../schema/ddl.ts";
import type {QueryEngine, ResultColumn, ResultStream, Value} from "../../schema/engine.ts";
import {tables} from "../../schema/tables.ts";
import {duckdbDialect} from "../engines/duckdb-dialect.ts";
import {checkColumns, OtherColumns, scanLake} from "./damage-scan.ts";
import {chunkPieces} from "./duckdb-values.ts";
import {KeptRecords} from "./kept-records.ts";
import {lakeViews, namedViews, viewState, viewStatement} from "./lake-views.ts";
import {pageTableView} from "./page-tables.ts";
import {type CopyBounds, type QueryBounds, QueryLimit, stopAfter} from "./query-limit.ts";
import {stateFolder} from "./state-folder.ts";
import {checkReadOnly} from "./statement-check.ts";
import {vendorsFolder} from "./vendors/mac-vendors.ts";

export interface LakeOptions {
  /** Threads of the engine; all cores without it. */
  readonly threads?: number;
  /** Memory of the engine; beyond it sorts and joins spill to disk. */
  readonly memoryMb?: number;
  /** Where they spill to; the lake's own `.spill` folder without it. */
  readonly spillFolder?: string;
  /** Most that they spill; nine tenths of the free disk without it. */
  readonly spillMb?: number;
  /** A query is stopped after this long. */
  readonly timeoutMs?: number;
  /** Rows that `query` collects at most; `stream` has no such limit. */
  readonly maxRows?: number;
  /** One folder outside the lake that `copyToParquet` may write to; SQL can read it too. */
  readonly exportFolder?: string;
  /** Whether there are views of roll-ups, which answers to pages' questions ask; they are there without it. */
  readonly hasRollups?: boolean;
  /** Folders outside the lake that tables of pages lie in. */
  readonly tableFolders?: readonly string[];
}

/** What is kept of a row. */
export type KeptRow<T> = (row: readonly Value[], columns: readonly ResultColumn[]) => T;

export interface Collected<T> {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly T[];
}

/** The lake of one machine as DuckDB shows it. */
export interface LakeEngine extends QueryEngine {
  /** As `query`, of which only what `kept` makes of a row stays in memory. */
  collect<T>(sql: string, kept: KeptRow<T>): Promise<Collected<T>>;
  /** As `query`, with the rows in pieces. The connection is free again when the pieces are read or abandoned. */
  stream(sql: string, parameters?: readonly Value[], bounds?: QueryBounds): Promise<ResultStream>;
  /** Writes a query's rows to a Parquet file below `exportFolder`; returns how many. */
  copyToParquet(sql: string, path: string, parameters?: readonly Value[], bounds?: CopyBounds): Promise<number>;
  /** Shows what was sealed meanwhile; false where nothing was. */
  refresh(): Promise<boolean>;
}

/**
 * Opens a lake for reading: a view per table over the sealed parts, empty where nothing was imported. SQL can read
 * the lake's Parquet files and nothing else: no other file or address, no settings, no extensions, no writing.
 */
export async function openLake(lake: string, options: LakeOptions = {}): Promise<LakeEngine> {
  const {threads = availableParallelism(), memoryMb = 1024, timeoutMs = 60_000, maxRows = 1_000_000} = options;
  const folder = existsSync(lake) ? realpathSync(lake) : lake;
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(threads),
    memory_limit: `${memoryMb}MB`,
    ...closedSettings,
    ...(options.spillMb ? {max_temp_directory_size: `${options.spillMb}MB`} : {})
  });
  const keeper = await instance.connect();
  await lockDown(keeper, folder, options);
  const keptRecords = new KeptRecords(instance);
  let state = "";
  const refresh = async (anyway = false) => {
    const now = viewState(folder);
    if (now === state && !anyway) return false;
    const statements = await lakeViews(keeper, folder, options);
    keptRecords.clear();
    try {
      await keeper.run(["BEGIN", ...statements].join(";\n"));
      // What is not set aside by now stays.
      if (!anyway) await checkColumns(keeper);
      await keeper.run("COMMIT");
    } catch (error) {
      await keeper.run("ROLLBACK").catch(() => {});
      throw error;
    }
    state = now;
    return true;
  };

  let scanned: string | null = null;
  /** Answers once more without the files that are to blame, where some turn out to be damaged. */
  const despiteDamage = async <T>(answer: () => Promise<T>, blames = saysDamage): Promise<T> => {
    try {
      return await answer();
    } catch (error) {
      if (!blames(error) || scanned === state) throw error;
      scanned = state;
      await scanLake(folder);
      await refresh(true);
      return answer();
    }
  };
  await despiteDamage(() => refresh(), saysDamageToViews);

  /** Views that statements have named. */
  const made = new Map<string, Promise<unknown>>();
  const makeViews = async (text: string) => {
    const views = namedViews(text);
    const missing = views.filter(({name}) => !made.has(name));
    if (missing.length > 0) {
      const others = Promise.all(views.map(({name}) => made.get(name)));
      const making = others.then(async () => {
        const own = await instance.connect();
        await own.run(missing.map(viewStatement).join(";\n")).finally(() => own.closeSync());
      });
      for (const {name} of missing) made.set(name, making);
      making.catch(() => {
        for (const {name} of missing) made.delete(name);
      });
    }
    await Promise.all(views.map(({name}) => made.get(name)));
  };
  /** What a statement needs before it runs: the tables of its page, and the views that are made when they are named. */
  const prepare = async (connection: DuckDBConnection, sql: string, {tables = [], isOurs}: QueryBounds) => {
    for (const table of tables) await connection.run(pageTableView(table));
    if (!isOurs) await checkReadOnly(connection, sql);
  };

  const begin: LakeEngine["stream"] = async (whole, parameters = [], bounds = {}) => {
    const {records, tables = []} = bounds;
    await makeViews(`${whole} ${JSON.stringify(tables)}`);
    const kept = records ? await keptRecords.of(records, bounds, bounds.timeoutMs ?? timeoutMs) : null;
    const connection = kept?.connection ?? (await instance.connect());
    const sql = kept?.sql ?? whole;
    const close = () => {
      if (!kept?.connection) connection.closeSync();
    };
    const limit = stopAfter(connection, bounds.timeoutMs ?? timeoutMs, bounds.signal);
    try {
      await prepare(connection, sql, bounds);
      const result = await connection.stream(sql, [...parameters]);
      const names = result.columnNames();
      const columns = result.columnTypes().map((type, k) => ({name: names[k], type: String(type)}));
      // Most faults of a file show here, where another attempt can still be made.
      const first = await result.fetchChunk();
      const batches = async function* () {
        try {
          for (let chunk = first; chunk && chunk.rowCount > 0; chunk = await result.fetchChunk())
            yield* chunkPieces(chunk);
        } catch (error) {
          throw limit.explain(error);
        } finally {
          limit.clear();
          close();
        }
      };
      return {columns, batches: batches()};
    } catch (error) {
      limit.clear();
      close();
      throw limit.explain(error);
    }
  };

  const collect = async <T>(sql: string, parameters: readonly Value[], kept: KeptRow<T>): Promise<Collected<T>> => {
    const {columns, batches} = await begin(sql, parameters);
    const rows: T[] = [];
    for await (const batch of batches) {
      if (rows.length + batch.length > maxRows)
        throw new QueryLimit("rows", `the result has more than ${maxRows.toLocaleString("en")} rows; add a LIMIT`);
      for (const row of batch) rows.push(kept(row, columns));
    }
    return {columns, rows};
  };

  const copy: LakeEngine["copyToParquet"] = async (sql, path, parameters = [], bounds = {}) => {
    await makeViews(`${sql} ${JSON.stringify(bounds.tables ?? [])}`);
    const connection = await instance.connect();
    const limit = stopAfter(connection, bounds.timeoutMs ?? timeoutMs, bounds.signal);
    try {
      await prepare(connection, sql, bounds);
      const query = sql.replace(/[;\s]+$/, "");
      const result = await connection.run(
        `COPY (\n${query}\n) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd${keyValueMetadata(bounds.metadata ?? {})})`,
        [...parameters]
      );
      return Number((await result.getRows())[0][0]);
    } catch (error) {
      throw limit.explain(error);
    } finally {
      limit.clear();
      connection.closeSync();
    }
  };

  return {
    dialect: duckdbDialect,
    refresh: () => despiteDamage(() => refresh(), saysDamageToViews),
    stream: (sql, parameters, bounds) => despiteDamage(() => begin(sql, parameters, bounds)),
    query: (sql, parameters = []) => despiteDamage(() => collect<readonly Value[]>(sql, parameters, (row) => row)),
    collect: (sql, kept) => despiteDamage(() => collect(sql, [], kept)),
    copyToParquet: (sql, path, parameters, bounds) => despiteDamage(() => copy(sql, path, parameters, bounds)),
    async close() {
      keeper.closeSync();
      instance.closeSync();
    }
  };
}

/** What DuckDB says of files that it cannot read; a statement that is wrong is told in other words. */
function saysDamage(error: unknown): boolean {
  const {name, message} = error as Error;
  return (
    name !== "QueryLimit" &&
    name !== "StatementRefused" &&
    /^(?:IO|Invalid|Invalid Input|Internal|Serialization|Corruption|INTERNAL) Error|parquet|TProtocol|decompress|zstd/i.test(
      message
    )
  );
}

/** The views are our own statements: where one does not fit its table, a file has other columns. */
function saysDamageToViews(error: unknown): boolean {
  return (
    error instanceof OtherColumns || saysDamage(error) || /^(?:Binder|Conversion) Error/.test((error as Error).message)
  );
}

/** Leaves SQL the folders of the tables to read from, and takes away everything that could change that. */
async function lockDown(connection: DuckDBConnection, lake: string, options: LakeOptions): Promise<void> {
  const {
    exportFolder,
    tableFolders = [],
    spillFolder = join(existsSync(lake) ? stateFolder(lake) : lake, ".spill")
  } = options;
  const folders = [
    ...tables.map(({name}) => join(lake, name)),
    rollupsFolder(lake),
    vendorsFolder,
    ...(exportFolder ? [exportFolder] : []),
    ...tableFolders
  ]
    .map((path) => literal(join(path, "/")))
    .join(", ");
  if (existsSync(dirname(spillFolder))) mkdirSync(spillFolder, {mode: 0o700, recursive: true});
  for (const setting of [
    "TimeZone = 'UTC'",
    `allowed_directories = [${folders}]`,
    `temp_directory = ${literal(spillFolder)}`,
    "enable_external_access = false",
    "lock_configuration = true"
  ])
    await connection.run(`SET ${setting}`);
}
