import type {LakeEngine} from "../../loaders/lake/duckdb.ts";

/** Tables of a statement with the columns that it may read of them; null for all. */
export type NamedTables = ReadonlyMap<string, ReadonlySet<string> | null>;

/**
 * The tables that a statement names, by DuckDB's own syntax tree, and the columns that are named anywhere in it. Empty where
 * the text is no statement that reads: whoever runs it is told.
 */
export async function namedTables(engine: LakeEngine, sql: string): Promise<NamedTables> {
  const {rows} = await engine.query("SELECT json_serialize_sql(CAST(? AS VARCHAR))", [sql]);
  const tables = new Set<string>();
  const columns = new Set<string>();
  const aliases = new Set<string>();
  let takesAll = false;
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) for (const child of node) walk(child);
    if (node === null || typeof node !== "object" || Array.isArray(node)) return;
    const {type, alias, table_name: table, column_names: names, using_columns: using} = node as Record<string, unknown>;
    if (typeof alias === "string" && table === undefined) aliases.add(alias.toLowerCase());
    if (type === "BASE_TABLE" && typeof table === "string") tables.add(table.toLowerCase());
    if (type === "STAR" || type === "SHOW_REF" || type === "PIVOT") takesAll = true;
    for (const list of [names, using])
      if (Array.isArray(list)) for (const name of list) columns.add(String(name).toLowerCase());
    if ((node as {ref_type?: unknown}).ref_type === "NATURAL") takesAll = true;
    for (const child of Object.values(node)) walk(child);
  };
  walk(JSON.parse(String(rows[0][0])));
  // A table's name as a column is its whole row, unless something in the statement is called so.
  if ([...tables].some((name) => columns.has(name) && !aliases.has(name))) takesAll = true;
  return new Map([...tables].map((name) => [name, takesAll ? null : columns]));
}
