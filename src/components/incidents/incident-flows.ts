import type {IncidentFlows} from "../../lib/answer-source.js";
import {formatCount, formatShare} from "../../lib/format.js";
import {flowColumns} from "../flows/flow-columns.js";
import {flowPanel} from "../flows/flow-panel.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";

const most = 12;
const shown = ["ts_start", "src_ip", "dst_ip", "dst_port", "service", "label", "bytes", "conn_state"];

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
        note.textContent = `The ${formatCount(Math.min(most, incident.flows))} of ${formatCount(incident.flows)} flows with the largest share of the evidence, with the findings they belong to and the class given by the classifier. All flows are listed below.`;
        place.replaceChildren(
          table(notebook, shown, (row) =>
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

function table({zone}: Notebook, {flows, shares}: IncidentFlows, open: (row: number) => void): HTMLElement {
  const columns = shown.map((id) => flowColumns.find((column) => column.id === id) as (typeof flowColumns)[number]);
  const lines = shares.map((share, row) => {
    const button = element("button", {type: "button", class: "fb-link-button"}, formatShare(share, 1));
    button.addEventListener("click", () => open(row));
    return element(
      "tr",
      {},
      element("td", {class: "fb-number"}, button),
      ...columns.map((column) =>
        element("td", {class: column.number && "fb-number", "data-label": column.name}, column.text(flows, row, zone))
      )
    );
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
          ...columns.map((column) => element("th", {class: column.number && "fb-number"}, column.name))
        )
      ),
      element("tbody", {}, ...lines)
    )
  );
}
