import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {tableFromIPC} from "apache-arrow";
import {initSync, readParquet as read} from "parquet-wasm/esm";
import type {ArrowTable} from "../../src/lib/flow-table.ts";

const wasm = createRequire(import.meta.url).resolve("parquet-wasm/esm/parquet_wasm_bg.wasm");
initSync({module: readFileSync(wasm)});

/** Reads a Parquet file as a page does: by parquet-wasm into Arrow. */
export function readParquet(path: string): ArrowTable {
  return tableFromIPC(read(readFileSync(path)).intoIPCStream()) as unknown as ArrowTable;
}
