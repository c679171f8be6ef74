import type {Spelling} from "../../schema/engine.js";
import {type DividedColumn, dividedColumns} from "./activity.js";
import type {Filter} from "./filter.js";
import type {TimeGrid} from "./question.js";

/** The parts of the text `activity`, by their place (schema/flows.ts). */
export const activityPart = (place: number) => `split_part(activity, ';', ${place})`;

/** Where the amounts of a column are in it: those both ways, and of them the originator's. */
const placesOf = (column: DividedColumn) => (column.endsWith("_pkts") ? ([5, 6] as const) : ([3, 4] as const));

/** The amounts of a column from those both ways and those of the originator. */
export function amountSql(column: DividedColumn, of: (place: number) => string): string {
  const [both, sent] = placesOf(column);
  return column.startsWith("src_") ? of(sent) : `(${of(both)} - ${of(sent)})`;
}

/** Whether a flow of known activity reaches over an edge of a bucket or of the window: of another one no text is read. */
export function cutSql({from, to}: Filter, {originUs, widthUs}: TimeGrid): string {
  const bucketOf = (us: string) => `FLOOR(CAST(${us} - ${originUs} AS DOUBLE) / ${widthUs})`;
  const over = [
    `${bucketOf("start_us")} < ${bucketOf("(start_us + duration_us - 1)")}`,
    ...(from === undefined ? [] : [`start_us < ${from}`]),
    ...(to === undefined ? [] : [`start_us + duration_us > ${to}`])
  ];
  return `activity IS NOT NULL AND (${over.join(" OR ")})`;
}

/** A column's part of a row of `spread`; `value` is what it is called there. Whole numbers of a whole bin are exact. */
export function pieceSql(column: string, value = column): string {
  return `CAST(${value} * piece_${column} AS DOUBLE) / all_${column} * share`;
}

/**
 * The table `pieces`: each row of `chosen` once for every bin it was active in, with the bin's time as `piece_us` and
 * `piece_length`, and its amounts of some columns beside those of all bins ({@link pieceSql}); once where its activity is
 * not known.
 */
export function activeSql(
  {eachOf, numbers, sumOf, wholeQuotient}: Spelling,
  {columns = dividedColumns, isCut = "activity IS NOT NULL"}: {columns?: readonly DividedColumn[]; isCut?: string} = {}
): string {
  const known = (list: string, otherwise: string) => `CASE WHEN is_cut THEN ${list} ELSE ${otherwise} END`;
  const places = [...new Set([1, 2, ...columns.flatMap((column) => [...placesOf(column)])])];
  const list = (place: number) => known(numbers(activityPart(place)), numbers(place > 2 ? "'1'" : "'0'"));
  const lists = Object.fromEntries(places.map((place) => [`bin_${place}`, `read_${place}`]));
  // A column without any packet is 0 in all bins.
  const all = (column: DividedColumn) =>
    known(`CAST(GREATEST(${amountSql(column, (place) => sumOf(`read_${place}`))}, 1) AS DOUBLE)`, "CAST(1 AS DOUBLE)");
  const piece = (column: DividedColumn) =>
    known(
      amountSql(column, (place) => `bin_${place}`),
      "1"
    );
  // What is of the whole flow is made before there is a row for each of its bins, and its text is read once.
  return `known AS (
  SELECT c.*, ${isCut} AS is_cut FROM chosen AS c
),
listed AS (
  SELECT c.*, ${places.map((place) => `${list(place)} AS read_${place}`).join(",\n    ")} FROM known AS c
),
timed AS (
  SELECT c.*, ${columns.map((column) => `${all(column)} AS all_${column}`).join(",\n    ")} FROM listed AS c
),
bins AS (
  SELECT c.* FROM ${eachOf("timed", lists)} AS c
),
placed AS (
  SELECT b.*, ${columns.map((column) => `CAST(${piece(column)} AS DOUBLE) AS piece_${column}`).join(", ")}, ${known(`(${wholeQuotient("start_us", "1000000")} + bin_2) * 1000000`, "start_us")} AS bin_start_us
  FROM bins AS b
),
begun AS (
  SELECT p.*, ${known("LEAST(GREATEST(bin_start_us, start_us), start_us + duration_us - 1)", "start_us")} AS piece_us FROM placed AS p
),
pieces AS (
  SELECT b.*, ${known("LEAST(bin_start_us + bin_1 * 1000000, start_us + duration_us) - piece_us", "duration_us")} AS piece_length
  FROM begun AS b
)`;
}
