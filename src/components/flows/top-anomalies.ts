import {flowsSql} from "../../lib/sql.js";
import {strangest, strangestOrder} from "../../lib/strangest.js";
import {showSql} from "../charts/text-dialog.js";
import {element} from "../page/element.js";
import {nothingMatches} from "../page/empty.js";
import type {Notebook} from "../page/notebook.js";
import {flowColumns} from "./flow-columns.js";
import {flowPanel} from "./flow-panel.js";

const most = 20;
const shown = ["anomaly_score", "ts_start", "src_ip", "dst_ip", "dst_port", "service", "label", "bytes", "duration_us"];

/** The strangest flows of the filter. */
export function topAnomalies(notebook: Notebook): HTMLElement {
  const columns = shown.map((id) => flowColumns.find((column) => column.id === id) as (typeof flowColumns)[number]);
  const place = element("div", {});
  const panel = element("div", {class: "fb-panel-place"});
  const sql = element("button", {type: "button", class: "fb-button"}, "SQL");
  sql.addEventListener("click", () =>
    showSql(
      "strangest flows",
      `${flowsSql(notebook.filter, {model: notebook.facts.model}, strangestOrder)}\nLIMIT ${most}`
    )
  );
  const node = element(
    "section",
    {class: "fb-card", "aria-label": "Strangest flows", "data-testid": "top-anomalies"},
    element("header", {}, element("h2", {}, "Strangest flows"), sql),
    place,
    panel
  );
  notebook.follow(node, () => {
    const rows = strangest(notebook.flows, notebook.selection(), most);
    if (rows.length === 0)
      return place.replaceChildren(
        notebook.selection().rows.length === 0
          ? nothingMatches(notebook)
          : element("p", {class: "fb-empty"}, "No flow of the filter has an anomaly score.")
      );
    const lines = rows.map((row) => {
      const open = element("button", {type: "button", class: "fb-link-button"}, "details");
      open.addEventListener("click", () => {
        panel.replaceChildren(
          flowPanel(notebook, row, () => {
            panel.replaceChildren();
            open.focus();
          })
        );
        (panel.querySelector("button") as HTMLElement | null)?.focus();
      });
      return element(
        "tr",
        {},
        ...columns.map((column) =>
          element("td", {class: column.number ? "fb-number" : null}, column.text(notebook.flows, row, notebook.zone))
        ),
        element("td", {}, open)
      );
    });
    const heads = columns.map(({name, number}) =>
      element("th", {scope: "col", class: number ? "fb-number" : null}, name)
    );
    place.replaceChildren(
      element(
        "div",
        {class: "fb-table-scroll", tabindex: 0, role: "region", "aria-label": "Strangest flows: table"},
        element(
          "table",
          {class: "fb-table"},
          element(
            "thead",
            {},
            element("tr", {}, ...heads, element("th", {scope: "col"}, element("span", {class: "fb-hidden"}, "Details")))
          ),
          element("tbody", {}, ...lines)
        )
      )
    );
  });
  return node;
}
