import {flowPageOf} from "../../lib/flow-page.js";
import {formatTime} from "../../lib/format.js";
import type {Cell} from "../../lib/question.js";
import type {RecordSource} from "../../lib/records/record-source.js";
import {recordFlowSql} from "../../lib/records/record-sql.js";
import {visibleText} from "../../lib/visible-text.js";
import {flowPanel} from "../flows/flow-panel.js";
import {hostLink} from "../hosts/host-link.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {cellText} from "./record-cell.js";

/** Everything of one record, above everything of the flow it was seen in, with its packets. */
export function recordPanel(
  notebook: Notebook,
  source: RecordSource,
  columns: readonly string[],
  row: readonly Cell[],
  close: () => void
): HTMLElement {
  const value = (name: string) => row[columns.indexOf(name)];
  const facts = source.columns
    .filter(({name}) => value(name) !== null)
    .flatMap(({name, label, kind}) => [
      element("dt", {}, label),
      element(
        "dd",
        {},
        kind === "host"
          ? hostLink(String(value(name)), notebook.filter)
          : `${cellText(kind, value(name), notebook.zone)}${kind === "bytes" ? ` (${value(name)} B)` : ""}`
      )
    ]);
  const about = element(
    "section",
    {class: "fb-record", "data-testid": "record"},
    element("h3", {}, `${source.title}: this one`),
    element(
      "dl",
      {class: "fb-facts"},
      element("dt", {}, "Time"),
      element("dd", {}, formatTime(value("ts_us") as number, notebook.zone, 6)),
      ...facts
    )
  );
  const node = element(
    "div",
    {class: "fb-record-place"},
    about,
    element("p", {class: "fb-note"}, "loading its flow …")
  );
  const sql = recordFlowSql(String(value("flow_id")), String(value("capture_sha256")), {model: notebook.facts.model});
  notebook.source.stated({sql, over: []}, new AbortController().signal).then(
    (cells) => {
      const {flows} = flowPageOf(cells);
      if (flows.rows === 0) {
        node.lastElementChild?.replaceWith(
          element("p", {class: "fb-note"}, "The flow of this record is no longer in the lake.")
        );
        return;
      }
      const panel = flowPanel(notebook, {flows, row: 0}, close);
      panel.querySelector("header")?.after(about);
      node.replaceChildren(panel);
      panel.querySelector("button")?.focus();
    },
    (error) =>
      node.lastElementChild?.replaceWith(
        element("p", {class: "fb-problem", role: "alert"}, visibleText(String(error?.message ?? error)))
      )
  );
  return node;
}
