import {formatCount} from "../../lib/format.js";
import type {Answer, Cell} from "../../lib/question.js";
import type {NamedCell} from "../../lib/records/record-source.js";
import {hostLink} from "../hosts/host-link.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {cellText, isNumeric} from "./record-cell.js";

const mostRows = 200;

const isLong = (cell: Cell) => typeof cell === "string" && cell.length > 24;

/** An answer as a table; hosts lead to their pages, and `pick` makes the first column do what a click on its bar does. */
export function plainTable(
  notebook: Notebook,
  columns: readonly NamedCell[],
  {rows}: Answer,
  caption: string,
  pick?: (row: readonly Cell[]) => void
): HTMLElement {
  const heads = columns.map(({label, kind}) =>
    element("th", {scope: "col", class: isNumeric(kind) ? "fb-number" : null}, label)
  );
  const cellOf = (row: readonly Cell[], k: number) => {
    const {kind} = columns[k];
    if (kind === "host" && row[k] !== null) return hostLink(String(row[k]), notebook.filter);
    const text = cellText(kind, row[k], notebook.zone);
    if (k > 0 || !pick) return text;
    return element("button", {type: "button", class: "fb-link-button", onclick: () => pick(row)}, text);
  };
  const body = rows.slice(0, mostRows).map((row) =>
    element(
      "tr",
      {},
      ...columns.map(({kind}, k) =>
        element(
          "td",
          {
            class: isNumeric(kind) ? "fb-number" : null,
            title: isLong(row[k]) ? cellText(kind, row[k], notebook.zone) : null
          },
          cellOf(row, k)
        )
      )
    )
  );
  return element(
    "div",
    {class: "fb-table-scroll fb-plain", tabindex: 0, role: "region", "aria-label": `${caption}: table`},
    element(
      "table",
      {class: "fb-table"},
      element("caption", {class: "fb-hidden"}, caption),
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...body)
    ),
    rows.length > mostRows &&
      element("p", {class: "fb-note"}, `The first ${mostRows} of ${formatCount(rows.length)} rows; the CSV has all.`)
  );
}
