import type {PartFile} from "../../capture/partitions/layout.ts";
import {emptyQuery, literal} from "../../schema/ddl.ts";
import {type TableName, table} from "../../schema/tables.ts";

/** What stands behind FROM for the rows of files. */
export const scan = (files: readonly PartFile[]) =>
  `read_parquet([${files.map(({path}) => literal(path)).join(", ")}], hive_partitioning = false)`;

/** As `scan`, of files some of which lack columns that came with later versions: there they are NULL. */
export function filled(files: readonly PartFile[], name: TableName): string {
  const paths = files.map(({path}) => literal(path)).join(", ");
  return `(${emptyQuery(table(name))} UNION ALL BY NAME SELECT * FROM read_parquet([${paths}], hive_partitioning = false, union_by_name = true))`;
}
