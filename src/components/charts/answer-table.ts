import {type DimensionName, dimensions} from "../../lib/dimensions.js";
import {formatCount, formatTime, type Zone} from "../../lib/format.js";
import {type MeasureName, measures} from "../../lib/measures.js";
import {groupName} from "../../lib/names.js";
import type {Answer, Cell} from "../../lib/question.js";
import {element} from "../page/element.js";

const mostRows = 500;

/**
 * An answer as a table, exact where a chart is drawn; beyond its cap it says so. `newestFirst`: of rows that go on
 * coming, with the time of day alone.
 */
export function answerTable(
  {columns, rows}: Answer,
  caption: string,
  zone: Zone,
  {newestFirst = false} = {}
): HTMLElement {
  const ordered = newestFirst ? [...rows].reverse() : rows;
  const head = columns.map((name) =>
    element("th", {scope: "col", class: isNumber(name) ? "fb-number" : null}, columnLabel(name))
  );
  const text = (name: string, cell: Cell) =>
    newestFirst && name === "ts_us" ? formatTime(cell as number, zone).slice(11) : cellText(name, cell, zone);
  const body = ordered
    .slice(0, mostRows)
    .map((row) =>
      element(
        "tr",
        {},
        ...row.map((cell, i) =>
          element("td", {class: isNumber(columns[i]) ? "fb-number" : null}, text(columns[i], cell))
        )
      )
    );
  const table = element(
    "table",
    {class: "fb-table"},
    element("caption", {class: "fb-hidden"}, caption),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...body)
  );
  return element(
    "div",
    {class: "fb-table-scroll", tabindex: 0, role: "region", "aria-label": `${caption}: table`},
    table,
    rows.length > mostRows &&
      element(
        "p",
        {class: "fb-note"},
        `The ${newestFirst ? "last" : "first"} ${mostRows} of ${formatCount(rows.length)} rows; the CSV has all.`
      )
  );
}

function isNumber(name: string): boolean {
  return name !== "ts_us" && !(name in dimensions);
}

function columnLabel(name: string): string {
  if (name === "ts_us") return "From";
  return (dimensions[name as DimensionName] ?? measures[name as MeasureName])?.label ?? name;
}

function cellText(name: string, cell: Cell, zone: Zone): string {
  if (name === "ts_us") return formatTime(cell as number, zone, 3);
  if (name in dimensions) return groupName(name as DimensionName, cell);
  return formatCount(cell as number);
}
