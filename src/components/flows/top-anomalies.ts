import type {FlowTable} from "../../lib/flow-table.js";
import {flowsSql} from "../../lib/sql.js";
import {strangestOrder} from "../../lib/strangest.js";
import {visibleText} from "../../lib/visible-text.js";
import {showSql} from "../charts/text-dialog.js";
import {afterPress} from "../page/after-press.js";
import {element} from "../page/element.js";
import {nothingMatches} from "../page/empty.js";
import type {Notebook} from "../page/notebook.js";
import {asCard} from "../records/card-cells.js";
import {flowColumns, onlyDay} from "./flow-columns.js";
import {flowPanel} from "./flow-panel.js";

const most = 20;
/** Columns that a card of a narrow window leaves to the flow's details. */
const late = ["ts_start", "bytes", "duration_us"];
const shown = ["anomaly_score", "ts_start", "src_ip", "dst_ip", "dst_port", "service", "label", "bytes", "duration_us"];

/** The strangest flows of the filter. */
export function topAnomalies(notebook: Notebook): HTMLElement {
  const columns = shown.map((id) => flowColumns.find((column) => column.id === id) as (typeof flowColumns)[number]);
  const place = element("div", {});
  const day = element("p", {class: "fb-note", "data-testid": "strangest-day"});
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
    day,
    place,
    panel
  );
  let left = new AbortController();
  const show = async () => {
    left.abort();
    const {signal} = (left = new AbortController());
    // Of the card it would be taken back at once: the answer does not come through `follow`.
    place.setAttribute("aria-busy", "true");
    try {
      const asked = {filter: notebook.filter, order: "anomaly_score", down: true, known: true, limit: most} as const;
      const {flows} = await notebook.source.flows(asked, signal);
      // Who presses a row's button meets the row that is there.
      await new Promise<void>(afterPress);
      if (signal.aborted) return;
      const only = onlyDay(flows.numbers.ts_start, notebook.zone);
      day.textContent = only === null ? "" : `All began on ${only}.`;
      place.replaceChildren(flows.rows > 0 ? table(flows, only) : nothing);
    } catch (error) {
      if (signal.aborted) return;
      const words = visibleText((error as Error).message);
      day.textContent = "";
      place.replaceChildren(element("p", {class: "fb-problem", role: "alert", "data-tone": "bad"}, words));
    }
    place.removeAttribute("aria-busy");
  };
  const nothing = element("p", {class: "fb-empty"}, "No flow that matches the filter has an anomaly score.");
  const table = (flows: FlowTable, only: string | null): HTMLElement => {
    const said = (column: (typeof columns)[number], row: number) => {
      const text = column.text(flows, row, notebook.zone);
      return only !== null && column.id === "ts_start" ? text.slice(only.length + 1) : text;
    };
    const lines = Array.from({length: flows.rows}, (_, row) => {
      const open = element("button", {type: "button", class: "fb-link-button"}, "details");
      open.addEventListener("click", () => {
        panel.replaceChildren(
          flowPanel(notebook, {flows, row}, () => {
            panel.replaceChildren();
            open.focus();
          })
        );
        (panel.querySelector("button") as HTMLElement | null)?.focus();
      });
      const line = element(
        "tr",
        {},
        ...columns.map((column) =>
          element(
            "td",
            {
              class: column.number ? "fb-number" : null,
              "data-label": column.name,
              "data-late": late.includes(column.id) ? "" : null
            },
            said(column, row)
          )
        ),
        element("td", {"data-always": ""}, open)
      );
      return asCard(line, {opens: true});
    });
    const heads = columns.map(({name, number}) =>
      element("th", {scope: "col", class: number ? "fb-number" : null}, name)
    );
    return element(
      "div",
      {class: "fb-table-scroll fb-plain", tabindex: 0, role: "region", "aria-label": "Strangest flows: table"},
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
    );
  };
  notebook.follow(node, () => {
    if (notebook.isPassing) return;
    if (notebook.count() > 0) return void show();
    left.abort();
    place.removeAttribute("aria-busy");
    day.textContent = "";
    place.replaceChildren(nothingMatches());
  });
  return node;
}
