import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {Value} from "../../schema/engine.ts";
import {openLake} from "../lake/duckdb.ts";

/** What a loader of one's own has at hand. */
export interface OwnLoaderLake {
  /** Rows as objects; times are dates, whole numbers beyond 2^53 are bigints. The engine only reads. */
  query(sql: string, parameters?: readonly Value[]): Promise<Record<string, unknown>[]>;
  /** The rows as the bytes of a Parquet file. */
  parquet(sql: string, parameters?: readonly Value[]): Promise<Uint8Array>;
}

export interface OwnLoader {
  /** Tables that it reads: only a change of these makes its result stale. All of them without it. */
  readonly reads?: readonly string[];
  /** Makes the result. */
  run(lake: OwnLoaderLake): Promise<string | Uint8Array>;
}

/** Runs a loader of one's own over the lake that `FLOWBOOK_LAKE` names, and writes its result to stdout. */
export async function ownLoader({reads, run}: OwnLoader): Promise<void> {
  const {FLOWBOOK_LAKE: lake = "data/lake", FLOWBOOK_READS: readsFile} = process.env;
  if (reads && readsFile) writeFileSync(readsFile, JSON.stringify(reads));
  const folder = mkdtempSync(join(tmpdir(), "flowbook-loader-"));
  try {
    const engine = await openLake(lake, {exportFolder: folder, timeoutMs: 240_000});
    try {
      const result = await run({
        async query(sql, parameters = []) {
          const {columns, rows} = await engine.query(sql, parameters);
          return rows.map((row) =>
            Object.fromEntries(columns.map(({name, type}, k) => [name, readable(row[k], type)]))
          );
        },
        async parquet(sql, parameters = []) {
          const path = join(folder, "result.parquet");
          await engine.copyToParquet(sql, path, parameters);
          return readFileSync(path);
        }
      });
      await new Promise<void>((written, failed) =>
        process.stdout.write(result, (error) => (error ? failed(error) : written()))
      );
    } finally {
      await engine.close();
    }
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

function readable(value: Value, type: string): unknown {
  if (typeof value !== "bigint") return value;
  if (type.startsWith("TIMESTAMP")) return new Date(Number(value / 1000n));
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
