import {writeFileSync} from "node:fs";
import {cicViews} from "../../schema/cicflowmeter-view.ts";
import type {Column, Table} from "../../schema/column.ts";
import {credentialsView} from "../../schema/credentials-view.ts";
import {foreignViews} from "../../schema/foreign/index.ts";
import {hostMarksView} from "../../schema/hosts-view.ts";
import {tables} from "../../schema/tables.ts";
import {kindOf} from "../../schema/text-kinds.ts";
import {openLake} from "../lake/duckdb.ts";

/** A table or view of the lake, as whoever writes SQL has to know it. */
export interface SchemaTable {
  readonly name: string;
  /** What it holds; empty where nobody has said it. */
  readonly doc: string;
  readonly columns: readonly SchemaColumn[];
}

export interface SchemaColumn {
  readonly name: string;
  readonly type: string;
  readonly doc: string;
  /** What redaction takes its text for; absent of numbers, and of views, which are made of tables. */
  readonly kind?: string;
}

/** The tables and views of the lake that `FLOWBOOK_LAKE` names, in the order of the schema, with what they hold. */
export async function schemaFacts(): Promise<SchemaTable[]> {
  const {FLOWBOOK_LAKE: lake = "data/lake", FLOWBOOK_READS: reads} = process.env;
  // What columns there are is a matter of the schema, whatever rows a lake has.
  if (reads) writeFileSync(reads, JSON.stringify([]));
  const engine = await openLake(lake);
  try {
    const {rows} = await engine.query(
      `SELECT table_name, column_name, data_type FROM duckdb_columns()
       WHERE NOT internal AND schema_name = 'main' ORDER BY table_name, column_index`
    );
    const found = new Map<string, SchemaColumn[]>();
    for (const [table, name, type] of rows) {
      const columns = found.get(String(table)) ?? [];
      found.set(String(table), columns);
      const column = {name: String(name), type: String(type), doc: docOf(String(table), String(name))};
      const isText = column.type === "VARCHAR" && tables.some((known) => known.name === table);
      columns.push(isText ? {...column, kind: kindOf(String(table), column.name)} : column);
    }
    const known = tables.map(({name}) => name as string).filter((name) => found.has(name));
    const others = [...found.keys()].filter((name) => !known.includes(name));
    return [...known, ...others].map((name) => ({
      name,
      doc: described.find((table) => table.name === name)?.doc ?? "",
      columns: found.get(name)!
    }));
  } finally {
    await engine.close();
  }
}

/** Tables and views that say what they hold. */
const described: readonly (Pick<Table, "name" | "doc" | "derived"> & {
  readonly columns: readonly Pick<Column, "name" | "doc" | "unit">[];
})[] = [
  ...tables,
  credentialsView,
  hostMarksView,
  ...foreignViews,
  ...cicViews.map((view) => ({...view, columns: []}))
];

function docOf(table: string, column: string): string {
  const known = described.find(({name}) => name === table);
  const {doc = "", unit} =
    [...(known?.columns ?? []), ...(known?.derived ?? [])].find(({name}) => name === column) ?? {};
  return unit ? `${doc} (${unit})` : doc;
}
