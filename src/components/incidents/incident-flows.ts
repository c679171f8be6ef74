import {type AlikeFlows, alikeFlows, rangeText} from "../../lib/alike-flows.js";
import type {FlowTable} from "../../lib/flow-table.js";
import {formatCount, formatShare} from "../../lib/format.js";
import {type FlowColumn, flowColumns, onlyDay} from "../flows/flow-columns.js";
import {flowPanel} from "../flows/flow-panel.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {asCard} from "../records/card-cells.js";

/** Flows that are asked for, and rows of alike ones that are shown. */
const most = 200;
const mostRows = 12;
/** Columns that a card of a narrow window leaves to the flow that a tap opens. */
const late = ["ts_start", "label", "conn_state"];
const shown = ["ts_start", "src_ip", "dst_ip", "dst_port", "service", "label", "bytes", "conn_state"];

/** A class beside an incident's own is said to be the classifier's. */
const nameOf = ({id, name}: FlowColumn) => (id === "label" ? "Classifier" : name);

/** The flows that matter most for the incident of the address, with their shares of the evidence. */
export function incidentFlows(notebook: Notebook): HTMLElement {
  const place = element("div", {});
  const note = element("p", {class: "fb-note"});
  const panel = element("div", {class: "fb-panel-place"});
  const node = element(
    "section",
    {class: "fb-card", "aria-label": "Flows that matter most", "data-testid": "incident-flows"},
    element("header", {}, element("h2", {}, "Flows that matter most")),
    note,
    place,
    panel
  );
  let asked = "";
  notebook.follow(node, () => {
    const id = notebook.filter.incident;
    const incident = notebook.incidents.find((one) => one.id === id);
    node.hidden = !incident || incident.flows === 0;
    if (!incident || node.hidden || asked === `${id} ${notebook.zone}`) return;
    asked = `${id} ${notebook.zone}`;
    note.textContent = "loading …";
    notebook.source.incidentFlows(incident.id, most, new AbortController().signal).then(
      (shown) => {
        if (notebook.filter.incident !== incident.id) return;
        const groups = alikeFlows(shown.flows, shown.shares).slice(0, mostRows);
        const told = groups.reduce((sum, {rows}) => sum + rows.length, 0);
        note.textContent = `${formatCount(told)} of ${formatCount(incident.flows)} flows, those with the largest share of the evidence; alike ones are one row. Share is of each flow; what the classifier says of one flow may differ from what all of them are. All flows are listed below.`;
        place.replaceChildren(
          table(notebook, shown.flows, groups, (row) =>
            panel.replaceChildren(flowPanel(notebook, {flows: shown.flows, row}, () => panel.replaceChildren()))
          )
        );
      },
      (error) => {
        note.textContent = `The flows of incidents could not be read: ${error?.message ?? error}`;
      }
    );
  });
  return node;
}

function table(
  {zone}: Notebook,
  flows: FlowTable,
  groups: readonly AlikeFlows[],
  open: (row: number) => void
): HTMLElement {
  const columns = shown.map((id) => flowColumns.find((column) => column.id === id) as FlowColumn);
  const day = onlyDay(
    groups.flatMap(({rows}) => rows.map((row) => flows.numbers.ts_start[row])),
    zone
  );
  const textOf = ({id, text}: FlowColumn, rows: readonly number[]) => {
    const of = (row: number) => text(flows, row, zone);
    const {dst_port, src_wire_bytes, dst_wire_bytes, ts_start} = flows.numbers;
    if (id === "dst_port") return rangeText(rows, of, (row) => dst_port[row]);
    if (id === "bytes") return rangeText(rows, of, (row) => src_wire_bytes[row] + dst_wire_bytes[row]);
    if (id !== "ts_start") return of(rows[0]);
    const first = of(rows.reduce((a, b) => (ts_start[b] < ts_start[a] ? b : a)));
    return day === null ? first : first.slice(day.length + 1);
  };
  const many = groups.some(({rows}) => rows.length > 1);
  const lines = groups.map(({rows, share}) => {
    const button = element("button", {type: "button", class: "fb-link-button"}, formatShare(share, 1));
    button.addEventListener("click", () => open(rows[0]));
    const line = element(
      "tr",
      {},
      element("td", {class: "fb-number"}, button),
      many && element("td", {class: "fb-number", "data-label": "Flows"}, `×${formatCount(rows.length)}`),
      ...columns.map((column) =>
        element(
          "td",
          {
            class: column.number && "fb-number",
            "data-label": nameOf(column),
            "data-late": late.includes(column.id) ? "" : null
          },
          textOf(column, rows)
        )
      )
    );
    return asCard(line, {opens: true});
  });
  return element(
    "div",
    {class: "fb-table-scroll fb-plain", tabindex: 0, role: "region", "aria-label": "Flows that matter most"},
    element(
      "table",
      {class: "fb-table"},
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          element("th", {class: "fb-number"}, "Share"),
          many && element("th", {class: "fb-number"}, "Flows"),
          ...columns.map((column) =>
            element(
              "th",
              {class: column.number && "fb-number"},
              column.id === "ts_start" && day !== null ? `Start, ${day}` : nameOf(column)
            )
          )
        )
      ),
      element("tbody", {}, ...lines)
    )
  );
}
