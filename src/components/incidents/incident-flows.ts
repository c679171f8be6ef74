import {FileAttachment} from "observablehq:stdlib";
import {formatCount, formatShare} from "../../lib/format.js";
import {flowColumns} from "../flows/flow-columns.js";
import {flowPanel} from "../flows/flow-panel.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";

const most = 12;
const shown = ["ts_start", "src_ip", "dst_ip", "dst_port", "service", "label", "bytes", "conn_state"];

// biome-ignore lint/suspicious/noExplicitAny: an Arrow table
let shares: Promise<any> | undefined;

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
    sharesOf(incident.id).then(
      (rows) => {
        if (notebook.filter.incident !== incident.id) return;
        note.textContent = `The ${formatCount(Math.min(most, incident.flows))} of ${formatCount(incident.flows)} flows with the largest share of the evidence: what finds them, and what the classifier says of each. All flows are below.`;
        place.replaceChildren(
          table(notebook, rows, (row) => panel.replaceChildren(flowPanel(notebook, row, () => panel.replaceChildren())))
        );
      },
      (error) => {
        note.textContent = `The flows of incidents could not be read: ${error?.message ?? error}`;
      }
    );
  });
  return node;
}

interface Share {
  readonly flow: bigint;
  readonly capture: string;
  readonly share: number;
}

/** The rows of `incident-flows.parquet` of one incident, the largest shares first. */
async function sharesOf(incident: string): Promise<Share[]> {
  shares ??= FileAttachment("../../data/incident-flows.parquet").parquet();
  const arrow = await shares;
  const [ids, flows, captures, contributions] = ["incident_id", "flow_id", "capture_sha256", "contribution"].map(
    (name) => arrow.getChild(name)
  );
  const found: Share[] = [];
  // Rows lie in the order of incidents, and of shares within one.
  for (let at = 0; at < arrow.numRows && found.length < most; at++)
    if (ids.get(at) === incident)
      found.push({flow: flows.get(at), capture: captures.get(at), share: contributions.get(at)});
  return found;
}

function table(notebook: Notebook, rows: readonly Share[], open: (row: number) => void): HTMLElement {
  const {flows, zone} = notebook;
  const columns = shown.map((id) => flowColumns.find((column) => column.id === id) as (typeof flowColumns)[number]);
  const {codes, values} = flows.texts.capture_sha256;
  const lines = rows.flatMap(({flow, capture, share}) => {
    let row = flows.ids.indexOf(flow);
    while (row >= 0 && values[codes[row]] !== capture) row = flows.ids.indexOf(flow, row + 1);
    if (row < 0) return [];
    const button = element("button", {type: "button", class: "fb-link-button"}, formatShare(share, 1));
    button.addEventListener("click", () => open(row));
    return [
      element(
        "tr",
        {},
        element("td", {class: "fb-number"}, button),
        ...columns.map((column) => element("td", {class: column.number && "fb-number"}, column.text(flows, row, zone)))
      )
    ];
  });
  return element(
    "div",
    {class: "fb-table-scroll", tabindex: 0, role: "region", "aria-label": "Flows that matter most"},
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
