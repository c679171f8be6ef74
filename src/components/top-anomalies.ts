import {flowsSql} from "../lib/sql.js";
import {element} from "./element.js";
import {nothingMatches} from "./empty.js";
import {flowColumns} from "./flow-columns.js";
import {flowPanel} from "./flow-panel.js";
import type {Notebook} from "./notebook.js";
import {showSql} from "./sql-dialog.js";

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
      `${flowsSql(notebook.filter, {model: notebook.facts.model}, "v.anomaly_score DESC NULLS LAST, f.ts_start, f.flow_id")}\nLIMIT ${most}`
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
    const rows = strangest(notebook);
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

/** The rows of the highest scores, without sorting all. */
function strangest(notebook: Notebook): number[] {
  const {anomaly_score} = notebook.flows.numbers;
  const best: number[] = [];
  for (const row of notebook.selection().rows) {
    const score = anomaly_score[row];
    if (Number.isNaN(score) || (best.length === most && score <= anomaly_score[best[most - 1]])) continue;
    let at = best.length;
    while (at > 0 && anomaly_score[best[at - 1]] < score) at--;
    best.splice(at, 0, row);
    if (best.length > most) best.pop();
  }
  return best;
}
