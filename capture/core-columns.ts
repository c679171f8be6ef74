import type {Table} from "../schema/column.ts";
import {fb1Columns} from "../schema/features.ts";
import {type RecordKind, recordKind, recordTables} from "../schema/records/index.ts";
import {numberNames} from "./meter/number-names.ts";

/** Kinds as the core numbers them (rows.ts there). */
const kindNumbers: Readonly<Record<RecordKind, number>> = {id: 0, number: 1, text: 2, address: 3, capture: 4};

/** Bytes of a `Table` and of a `Dictionary` in the core, and of a place of values. */
const bytes = {table: 32, dictionary: 36, place: 4} as const;

/** Columns of which the core knows the places by itself. */
const givenPlaces: readonly string[] = ["flow_id", "capture_sha256", "ts"];

/** Source of `core/dissect/columns.ts`: what the core knows of the tables of records, from schema/records. */
function coreColumns(all: readonly Table[]): string {
  const columns = all.flatMap((table) => table.columns);
  const firsts = all.map((_, i) => all.slice(0, i).flatMap((table) => table.columns).length);
  const lines = [
    "/** Generated from schema/records by `npm run cores`; not to be edited. */",
    "",
    `export const TABLES = ${all.length};`,
    "",
    "/** Kinds of all tables' columns, one table after another, and where each table's begin. */",
    `export const kinds = memory.data<u8>([${columns.map((column) => kindNumbers[recordKind(column)]).join(", ")}]);`,
    `export const firsts = memory.data<u16>([${[...firsts, columns.length].join(", ")}]);`,
    "",
    "/** Room for the tables, and by column for values, for what stands beside them, and for dictionaries. */",
    `export const TABLE_PLACES = ${columns.length};`,
    `export const tables = memory.data(${all.length * bytes.table});`,
    `export const values = memory.data(${columns.length * bytes.place});`,
    `export const besides = memory.data(${columns.length * bytes.place});`,
    `export const dictionaries = memory.data(${columns.length * bytes.dictionary});`
  ];
  for (const [number, table] of all.entries()) {
    const name = table.name.toUpperCase();
    lines.push("", `export const ${name}_TABLE = ${number};`);
    for (const [place, column] of table.columns.entries())
      if (!givenPlaces.includes(column.name))
        lines.push(`export const ${name}_${column.name.toUpperCase()} = ${place};`);
  }
  return `${lines.join("\n")}\n`;
}

/** Source of `core/meter/columns.ts`: how many numbers and features a finished flow has, and the places of its numbers. */
function flowColumns(): string {
  const lines = [
    "/** Generated from meter/number-names.ts and schema/features.ts by `npm run cores`; not to be edited. */",
    "",
    "/** Columns of `flows` that are numbers, and features. */",
    `export const NUMBERS = ${numberNames.length};`,
    `export const FEATURES = ${fb1Columns.length};`,
    "",
    "/** Places of the numbers. */",
    ...numberNames.map((name, place) => `export const ${name.toUpperCase()}: usize = ${place};`)
  ];
  return `${lines.join("\n")}\n`;
}

/** Every generated source of the cores, by its path from this folder. */
export const generatedSources: Readonly<Record<string, () => string>> = {
  "core/dissect/columns.ts": () => coreColumns(recordTables),
  "core/meter/columns.ts": flowColumns
};
