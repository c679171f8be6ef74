import {text} from "node:stream/consumers";
import {type ExportFormat, exportFormats, exportRows} from "../../loaders/export/export.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {readConfiguration} from "../configuration.ts";
import {nearest} from "../nearest.ts";
import {queryError, writingTo} from "../query-output.ts";
import {asTable, shownCells} from "../result-table.ts";
import {type ExitCode, exit, UserError, type Verb} from "../verb.ts";

const formats = ["table", ...exportFormats];

export const verb: Verb = {
  name: "query",
  usage: "SQL|- [--format table|csv|json|ndjson|arrow|parquet] [--engine duckdb|trino]",
  options: {format: {type: "string"}, "raw-csv": {type: "boolean"}, engine: {type: "string"}},
  help: {
    format: "table (default), csv, json, ndjson, arrow or parquet; --json is --format json",
    engine: "duckdb (default), or trino: the cluster that the setting trino names (docs/scale.md); table and json only",
    "raw-csv": "do not escape text cells that begin like spreadsheet formulas"
  },
  readsLake: true,
  needsNoLake: ({engine}) => engine === "trino",
  async run({positionals, values, lake, json}) {
    if (positionals.length !== 1)
      throw new UserError(exit.usage, `query: expected one statement, found ${positionals.length}`, {
        hint: `flowbook query ${verb.usage}`
      });
    const format = (values.format as string | undefined) ?? (json ? "json" : "table");
    if (!formats.includes(format))
      throw new UserError(exit.usage, `query: no format ${format}${nearest(format, formats)}`, {
        hint: `formats: ${formats.join(", ")}`
      });
    const sql = positionals[0] === "-" ? await text(process.stdin) : positionals[0];
    if (values.engine === "trino") return askTrino(sql, format);
    if (values.engine !== undefined && values.engine !== "duckdb")
      throw new UserError(
        exit.usage,
        `query: no engine ${values.engine}${nearest(String(values.engine), ["duckdb", "trino"])}`
      );
    try {
      if (format === "table") {
        const engine = await openLake(lake);
        try {
          console.log(asTable(await engine.collect(sql, shownCells)));
        } finally {
          await engine.close();
        }
      } else
        await writingTo(process.stdout, (to) =>
          exportRows({lake, sql, format: format as ExportFormat, to, rawCsv: values["raw-csv"] === true})
        );
    } catch (error) {
      throw queryError(error);
    }
    return exit.ok;
  }
};

/** Asks the cluster; its tables are whatever its catalog has under the lake's names. */
async function askTrino(sql: string, format: string): Promise<ExitCode> {
  if (format !== "table" && format !== "json")
    throw new UserError(exit.usage, `query: --engine trino answers as table or json, not as ${format}`);
  const {openTrino, trinoPlace} = await import("../../loaders/engines/trino.ts");
  const {trino} = readConfiguration();
  try {
    const {columns, rows} = await openTrino(trinoPlace(trino)).query(sql);
    const plain = (value: (typeof rows)[number][number]) =>
      typeof value !== "bigint" ? value : Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    if (format === "table") console.log(asTable({columns, rows: rows.map((row) => shownCells(row, columns))}));
    else
      console.log(
        JSON.stringify(rows.map((row) => Object.fromEntries(columns.map(({name}, k) => [name, plain(row[k])]))))
      );
    return exit.ok;
  } catch (error) {
    const isSetting = (error as Error).message.startsWith("trino: expected");
    throw new UserError(isSetting ? exit.configuration : exit.input, (error as Error).message, {cause: error});
  }
}
