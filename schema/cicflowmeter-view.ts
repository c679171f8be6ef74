import {type CicColumn, cicColumns} from "./cicflowmeter.ts";
import {quoted} from "./ddl.ts";

/** A view over the tables of the lake, beside them. */
export interface View {
  readonly name: string;
  readonly doc: string;
  /** Its query over the tables (DuckDB). */
  readonly sql: string;
  /** Columns that refer to the lake and are left out where the view is exported as a file of its own kind. */
  readonly keys: readonly string[];
}

const keys = ["flow_id", "capture_sha256"];

/** Under the names of CICIDS2017 stands Fwd Header Length twice, as in its published files; there readers call it so. */
const twice2017 = {after: "Avg Bwd Segment Size", of: "Fwd Header Length", name: "Fwd Header Length.1"};

/** The views in CICFlowMeter's columns: `cicflowmeter` as version 4 heads them, `cicids2017` as the files of that set do. */
export const cicViews: readonly View[] = [
  {name: "cicflowmeter", doc: "Flows in CICFlowMeter's columns and units, with its known mistakes corrected.", keys, sql: query(cicColumns.map((column) => [column.name, column]))},
  {name: "cicids2017", doc: "The same under the names that the files of CICIDS2017 have.", keys, sql: query(cicColumns.flatMap((column) => named2017(column)))}
];

function named2017(column: CicColumn): [string, CicColumn][] {
  const repeated = cicColumns.find(({name2017}) => name2017 === twice2017.of);
  return [[column.name2017, column], ...(column.name2017 === twice2017.after && repeated ? [[twice2017.name, repeated] as [string, CicColumn]] : [])];
}

function query(columns: readonly (readonly [name: string, column: CicColumn])[]): string {
  const values = columns.map(([name, {sql, type}]) => `CAST(${sql} AS ${type}) AS ${quoted(name)}`);
  return `SELECT ${[...values, ...keys.map((key) => `f.${quoted(key)}`)].join(",\n  ")}
FROM flows AS f JOIN features AS x ON x.flow_id = f.flow_id AND x.capture_sha256 = f.capture_sha256`;
}
