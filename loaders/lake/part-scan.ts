import type {PartFile} from "../../capture/partitions/layout.ts";
import {emptyQuery, literal} from "../../schema/ddl.ts";
import {type TableName, table} from "../../schema/tables.ts";

/** What stands behind FROM for the rows of files. */
export const scan = (files: readonly PartFile[]) =>
  `read_parquet([${files.map(({path}) => literal(path)).join(", ")}], hive_partitioning = false)`;

/**
 * As `scan`, of files some of which lack columns that came with later versions: there they are NULL. So is `activity` in the form
 * that had one width for all bins: those flows are spread evenly.
 */
export function filled(files: readonly PartFile[], name: TableName): string {
  const paths = files.map(({path}) => literal(path)).join(", ");
  const read = `read_parquet([${paths}], hive_partitioning = false, union_by_name = true)`;
  const all = `${emptyQuery(table(name))} UNION ALL BY NAME SELECT * FROM ${read}`;
  return name === "flows" ? `(SELECT * REPLACE (${knownActivity} AS activity) FROM (${all}))` : `(${all})`;
}

const items = (list: 1 | 2) => `len(string_split(split_part(activity, ';', ${list}), ','))`;
const knownActivity = `CASE WHEN ${items(1)} = ${items(2)} THEN activity END`;
