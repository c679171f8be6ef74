import type {Answer} from "../../lib/question.js";
import {element} from "../page/element.js";

/** The points of a chart as a table: shares to four digits, counts whole. */
export function curveTable({columns, rows}: Answer, caption: string): HTMLElement {
  const align = (cell: unknown) => ({class: typeof cell === "number" ? "fb-number" : null});
  return element(
    "div",
    {class: "fb-table-scroll", tabindex: 0, role: "region", "aria-label": `${caption}: table`},
    element(
      "table",
      {class: "fb-table"},
      element(
        "thead",
        {},
        element("tr", {}, ...columns.map((name, k) => element("th", {scope: "col", ...align(rows[0]?.[k])}, name)))
      ),
      element(
        "tbody",
        {},
        ...rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", align(cell), String(cell)))))
      )
    )
  );
}
