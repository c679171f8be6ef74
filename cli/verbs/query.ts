import {text} from "node:stream/consumers";
import {type ExportFormat, exportFormats, exportRows} from "../../loaders/export/export.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {nearest} from "../nearest.ts";
import {queryError, writingTo} from "../query-output.ts";
import {asTable} from "../result-table.ts";
import {exit, UserError, type Verb} from "../verb.ts";

const formats = ["table", ...exportFormats];

export const verb: Verb = {
  name: "query",
  usage: "SQL|- [--format table|csv|json|ndjson|arrow|parquet]",
  options: {format: {type: "string"}, "raw-csv": {type: "boolean"}},
  help: {
    format: "table (default), csv, json, ndjson, arrow or parquet; --json is --format json",
    "raw-csv": "do not escape text cells that begin like spreadsheet formulas"
  },
  readsLake: true,
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
    try {
      if (format === "table") {
        const engine = await openLake(lake);
        try {
          console.log(asTable(await engine.query(sql)));
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
