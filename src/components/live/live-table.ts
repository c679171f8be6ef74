import {formatCount, formatTime, type Zone} from "../../lib/format.js";
import type {Answer} from "../../lib/question.js";
import {element} from "../page/element.js";

const mostRows = 120;

/** What a live chart shows as a table, newest first. */
export function liveTable(caption: string, {columns, rows}: Answer, zone: Zone): HTMLElement {
  const label = (name: string) => (name === "ts_us" ? "From" : name);
  return element(
    "div",
    {class: "fb-table-scroll", tabindex: 0, role: "region", "aria-label": `${caption}: table`},
    element(
      "table",
      {class: "fb-table"},
      element("caption", {class: "fb-hidden"}, caption),
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          ...columns.map((name, k) => element("th", {scope: "col", class: k > 0 && "fb-number"}, label(name)))
        )
      ),
      element(
        "tbody",
        {},
        ...rows
          .slice(-mostRows)
          .reverse()
          .map((row) =>
            element(
              "tr",
              {},
              ...row.map((cell, k) =>
                element(
                  "td",
                  {class: k > 0 && "fb-number"},
                  columns[k] === "ts_us"
                    ? formatTime(cell as number, zone).slice(11)
                    : typeof cell === "number"
                      ? formatCount(cell)
                      : cell
                )
              )
            )
          )
      )
    )
  );
}
