import {join} from "node:path";
import {type PartFile, partFiles, rollupsFolder} from "../../capture/partitions/layout.ts";
import {literal, quoted} from "../../schema/ddl.ts";
import {besideRollups, columnsOfRollup, type Rollup, rollups, rollupView} from "../../schema/rollups.ts";
import {
  seriesColumns,
  seriesFile,
  seriesIncidentColumns,
  seriesIncidentsView,
  seriesView
} from "../../schema/series.ts";
import {table} from "../../schema/tables.ts";
import {firstColumns, firstFlows} from "../../src/lib/first-flows.js";
import {selectedColumns, sortedFlows} from "../../src/lib/selected-flows.js";
import {unlisted} from "./first-flows-sql.ts";
import {filled} from "./part-scan.ts";
import {
  firstFile,
  modelOf,
  type PartRollups,
  rolledParts,
  rollupFile,
  rollupNames,
  sortedFile
} from "./rollup-files.ts";
import {rolledFlows, rollupSql} from "./rollup-sql.ts";
import {seriesIncidentsSql, seriesSql, sortedFlowsOf} from "./series-sql.ts";

/**
 * Views of the roll-ups of each model that has any, and of the flows beside them: both together are all flows, at every
 * moment. Corrections that are not made yet are made by their view. `rowsOf`: a query for the flows of files.
 */
export function rollupViews(
  lake: string,
  parts: readonly string[],
  superseded: ReadonlyMap<string, readonly string[]>,
  rowsOf: (files: readonly PartFile[]) => string
): string[] {
  const names = rollupNames(lake);
  const models = new Set([...names].filter((name) => !name.endsWith(".corrections")).map(modelOf));
  /** Sums of series are of no model: those of any will do. */
  const withSeries = new Map<string, PartRollups>();
  const ofModels = [...models].flatMap((mark) => {
    const model = mark === "none" ? null : mark;
    const {made, beside} = rolledParts(lake, parts, model, names);
    for (const own of made)
      if (!withSeries.has(own.part) || (own.corrections && names.has(own.corrections))) withSeries.set(own.part, own);
    const corrected = made.flatMap((own) =>
      own.corrections && names.has(own.corrections) ? {...own, base: own.corrections} : []
    );
    const stale = made.filter(({corrections}) => corrections && !names.has(corrections)).map(({part}) => part);
    const view = (name: string, sql: string) => `CREATE OR REPLACE VIEW ${quoted(name)} AS ${sql}`;
    return [
      view(besideRollups(model), rowsOf(beside)),
      ...rollups.flatMap((rollup) =>
        rollup.widthsUs.flatMap((widthUs) => [
          view(rollupView(rollup, widthUs, model), rowsOfRollup(lake, rollup, widthUs, made, superseded)),
          view(
            rollupView(rollup, widthUs, model, true),
            [
              rowsOfRollup(lake, rollup, widthUs, corrected, superseded),
              ...(stale.length > 0 ? [correctionsNow(lake, rollup, widthUs, stale, mark, rowsOf)] : [])
            ].join("\nUNION ALL\n")
          )
        ])
      )
    ];
  });
  const files = partFiles(lake, "flows", parts);
  return [...ofModels, ...viewsBeside(lake, files, [...withSeries.values()], names, superseded, rowsOf)];
}

const columnOfFlows = (name: string) =>
  table("flows").columns.find((column) => column.name === name) as Columns[number];
const sortedColumns = selectedColumns.map(columnOfFlows);
const listedColumns: Columns = [{name: "list", type: "INTEGER"}, ...firstColumns.map(columnOfFlows)];

type Columns = readonly {readonly name: string; readonly type: string}[];

/** Series, their incidents, and sorted flows: what parts have, and of the others what their flows say. */
function viewsBeside(
  lake: string,
  files: readonly PartFile[],
  made: readonly PartRollups[],
  names: ReadonlySet<string>,
  superseded: ReadonlyMap<string, readonly string[]>,
  rowsOf: (files: readonly PartFile[]) => string
): string[] {
  const without = (covered: readonly PartRollups[]) => {
    const parts = new Set(covered.map(({part}) => part));
    return files.filter(({part}) => !parts.has(part));
  };
  const view = (
    name: string,
    file: string,
    columns: Columns,
    bases: readonly PartRollups[],
    covered: readonly PartRollups[],
    sqlOf: (flows: string) => string
  ) => {
    const beside = without(covered);
    const rows = [
      ...(bases.length > 0 ? [rowsOfFiles(lake, file, columns, bases, superseded)] : []),
      ...(beside.length > 0 ? [sqlOf(`(${rowsOf(beside)})`)] : [])
    ];
    return `CREATE OR REPLACE VIEW ${quoted(name)} AS ${rows.join("\nUNION ALL\n") || noRows(columns)}`;
  };
  const known = made.filter(({corrections}) => corrections === null || names.has(corrections));
  const corrected = known.flatMap((own) => (own.corrections === null ? [] : {...own, base: own.corrections}));
  // Where a capture counts no more, others may come first.
  const listed = made.filter(({part}) => !superseded.has(part));
  return [
    view(seriesView, seriesFile, seriesColumns, made, made, seriesSql),
    view(seriesIncidentsView, seriesFile, seriesIncidentColumns, corrected, known, seriesIncidentsSql),
    view(sortedFlows, sortedFile, sortedColumns, made, made, (flows) => sortedFlowsOf(`${flows} AS f`)),
    view(firstFlows, firstFile, listedColumns, listed, listed, (flows) => unlisted(`${flows} AS f`))
  ];
}

function rowsOfRollup(
  lake: string,
  rollup: Rollup,
  widthUs: number,
  made: readonly PartRollups[],
  superseded: ReadonlyMap<string, readonly string[]>
): string {
  return rowsOfFiles(lake, rollupFile(rollup, widthUs), columnsOfRollup(rollup), made, superseded);
}

/** The rows of a file of parts' folders, of captures that still count. */
function rowsOfFiles(
  lake: string,
  file: string,
  columns: Columns,
  made: readonly PartRollups[],
  superseded: ReadonlyMap<string, readonly string[]>
): string {
  const named = columns.map(({name}) => name).join(", ");
  const path = ({base}: PartRollups) => literal(join(rollupsFolder(lake), base, file));
  const select = (own: readonly PartRollups[]) =>
    `SELECT ${named} FROM read_parquet([${own.map(path).join(", ")}], hive_partitioning = false)`;
  const whole = made.filter(({part}) => !superseded.has(part));
  const queries = [
    ...(whole.length > 0 ? [select(whole)] : []),
    ...made
      .filter(({part}) => superseded.has(part))
      .map(
        (own) => `${select([own])} WHERE capture_sha256 NOT IN (${superseded.get(own.part)!.map(literal).join(", ")})`
      )
  ];
  return queries.join("\nUNION ALL\n") || noRows(columns);
}

const noRows = (columns: Columns) =>
  `SELECT ${columns.map(({name, type}) => `CAST(NULL AS ${type}) AS ${name}`).join(", ")} WHERE 1 = 0`;

function correctionsNow(
  lake: string,
  rollup: Rollup,
  widthUs: number,
  parts: readonly string[],
  mark: string,
  rowsOf: (files: readonly PartFile[]) => string
): string {
  const verdicts = partFiles(lake, "verdicts", parts);
  const source = {
    flows: `(${rowsOf(partFiles(lake, "flows", parts))})`,
    verdicts: verdicts.length > 0 ? filled(verdicts, "verdicts") : "verdict_rows",
    model: mark === "none" ? "''" : `(SELECT MIN(model) FROM verdict_rows WHERE starts_with(model, ${literal(mark)}))`
  };
  const columns = columnsOfRollup(rollup)
    .map(({name}) => name)
    .join(", ");
  return `SELECT ${columns} FROM (WITH rolled AS MATERIALIZED (${rolledFlows(source, true)})\nSELECT * FROM (${rollupSql(rollup, widthUs, "rolled")}) AS sums) AS corrections`;
}
