import type {DuckDBConnection} from "@duckdb/node-api";

/** Why a statement is not run; its message is meant for whoever typed it. */
export class StatementRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "StatementRefused";
  }
}

/** Table functions that only read what the lake shows; others can log to files, change settings or run other SQL. */
const tableFunctions = new Set([
  "duckdb_columns",
  "duckdb_functions",
  "duckdb_keywords",
  "duckdb_settings",
  "duckdb_tables",
  "duckdb_types",
  "duckdb_views",
  "generate_series",
  "histogram",
  "histogram_values",
  "json_each",
  "json_tree",
  "parquet_file_metadata",
  "parquet_kv_metadata",
  "parquet_metadata",
  "parquet_scan",
  "parquet_schema",
  "pragma_table_info",
  "pragma_version",
  "range",
  "read_parquet",
  "repeat",
  "repeat_row",
  "summary",
  "unnest"
]);

const refusedFunctions = new Set(["write_log", "sleep_ms", "pg_sleep"]);

/** Texts that have passed: pages ask the same ones of every filter, and to parse one takes half as long as many an answer. */
const passed = new Set<string>();
const mostPassed = 500;
const longestPassed = 20_000;

/**
 * Lets pass one statement that only reads (SELECT, FROM, VALUES, WITH, DESCRIBE, SHOW, SUMMARIZE, and EXPLAIN of
 * these), judged by DuckDB's own syntax tree. Throws a StatementRefused for everything else, DuckDB's error where
 * the text is no SQL.
 */
export async function checkReadOnly(connection: DuckDBConnection, sql: string): Promise<void> {
  if (passed.has(sql)) return;
  await checkAnew(connection, sql);
  if (sql.length > longestPassed) return;
  // Which of them is asked most is not known: all are checked once more now and then.
  if (passed.size >= mostPassed) passed.clear();
  passed.add(sql);
}

async function checkAnew(connection: DuckDBConnection, sql: string): Promise<void> {
  const statement = sql.replace(/^(?:\s|--[^\n]*(?:\n|$))*EXPLAIN(?:\s+ANALYZE)?\b/i, "");
  const result = await connection.run("SELECT json_serialize_sql(CAST(? AS VARCHAR))", [statement]);
  const tree = JSON.parse(String((await result.getRows())[0][0])) as Tree;
  if (tree.error) {
    if (tree.error_type === "parser" || tree.error_type === "syntax") await connection.extractStatements(sql);
    throw new StatementRefused(
      "only statements that read are run: SELECT, FROM, WITH, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN"
    );
  }
  const statements = (tree.statements ?? []).length;
  if (statements !== 1) throw new StatementRefused(`expected one statement, found ${statements}`);
  walk(tree);
}

interface Tree {
  readonly error?: boolean;
  readonly error_type?: string;
  readonly statements?: readonly unknown[];
}

function walk(node: unknown): void {
  if (Array.isArray(node)) {
    for (const child of node) walk(child);
    return;
  }
  if (node === null || typeof node !== "object") return;
  const {
    type,
    function: called,
    function_name: name
  } = node as {
    type?: unknown;
    function?: {function_name?: unknown};
    function_name?: unknown;
  };
  if (type === "TABLE_FUNCTION" && !tableFunctions.has(String(called?.function_name).toLowerCase()))
    throw new StatementRefused(`the table function ${String(called?.function_name)} is not run here`);
  if (typeof name === "string" && refusedFunctions.has(name.toLowerCase()))
    throw new StatementRefused(`the function ${name} is not run here`);
  for (const child of Object.values(node)) walk(child);
}
