import {extname} from "node:path";
import {literal, quoted} from "../../schema/ddl.ts";

/** A table beside the lake's, for one query: a file, or a table of the lake by another name. */
export interface PageTable {
  readonly name: string;
  /** `file` is a path, `table` the name of one of the lake's tables or views. */
  readonly from: {readonly file: string} | {readonly table: string};
  /** A static site may carry a sample of it. */
  readonly isSampled?: boolean;
}

const readers: Readonly<Record<string, string>> = {
  ".parquet": "read_parquet",
  ".csv": "read_csv",
  ".tsv": "read_csv",
  ".json": "read_json",
  ".ndjson": "read_ndjson"
};

/** Endings of files that can be a page's tables. */
export const tableEndings = Object.keys(readers);

/** The statement that makes the table for one connection, in front of a table of the lake with that name. */
export function pageTableView({name, from}: PageTable): string {
  const source =
    "table" in from ? quoted(from.table) : `${readers[extname(from.file).toLowerCase()]}(${literal(from.file)})`;
  return `CREATE OR REPLACE TEMP VIEW ${quoted(name)} AS SELECT * FROM ${source}`;
}
