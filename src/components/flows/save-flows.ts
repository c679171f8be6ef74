import {toCsv} from "../../lib/csv.js";
import {formatFilter} from "../../lib/filter.js";
import type {FlowOrderName} from "../../lib/flow-page.js";
import {saveFile} from "../charts/save-file.js";
import type {Notebook} from "../page/notebook.js";
import {isServed} from "../page/server-link.js";
import type {FlowColumn} from "./flow-columns.js";

/** Saves all flows of the filter as CSV: streamed by the server as they are, or of a static site as they are shown. */
export async function saveFlows(
  notebook: Notebook,
  {order, down}: {order: FlowOrderName; down: boolean},
  columns: readonly FlowColumn[]
): Promise<void> {
  if (isServed()) {
    const fields = new URLSearchParams({
      format: "csv",
      order,
      direction: down ? "down" : "up",
      filter: formatFilter(notebook.filter)
    });
    location.assign(`/api/answers/export?${fields}`);
    return;
  }
  const asked = {filter: notebook.filter, order, down, limit: Number.MAX_SAFE_INTEGER};
  const {flows} = await notebook.source.flows(asked, new AbortController().signal);
  const rows = Array.from({length: flows.rows}, (_, row) => columns.map((column) => column.text(flows, row, "utc")));
  saveFile("flows.csv", new Blob([toCsv({columns: columns.map(({id}) => id), rows})], {type: "text/csv"}));
}
