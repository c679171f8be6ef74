import {formatBytes, formatCount, formatDuration, formatShare, formatShort} from "../../lib/format.js";
import {graveCountSql} from "../../lib/incident-sql.js";
import {incidentsOf, isGrave} from "../../lib/incidents.js";
import type {Answer} from "../../lib/question.js";
import {hostCount} from "../../lib/questions/host-count.js";
import {totals} from "../../lib/questions/totals.js";
import {element} from "./element.js";
import {figuresSql} from "./figures-sql.js";
import type {Notebook} from "./notebook.js";

interface Figure {
  readonly id: string;
  readonly name: string;
  /** The number itself. */
  readonly value: string;
  /** What it was computed from, or what it leaves out. */
  readonly below: string;
  readonly tone?: "alert";
}

/** The numbers at the head of a page, each with what it is made of. */
export function headline(notebook: Notebook): HTMLElement {
  const list = element("dl", {class: "fb-figures"});
  const sql = figuresSql("headline numbers", () => {
    const {filter} = notebook;
    const asked = [totals, hostCount].map((question) => notebook.sql({question, filter}));
    return [...asked, graveCountSql(filter)].map((statement) => `${statement};`).join("\n\n");
  });
  const node = element(
    "section",
    {class: "fb-headline", "aria-label": "Headline numbers", "data-testid": "headline"},
    list,
    sql
  );
  notebook.follow(node, () => {
    node.hidden = notebook.isEmpty;
    list.replaceChildren(
      ...figures(notebook).map(({id, name, value, below, tone}) =>
        element(
          "div",
          {class: "fb-figure", "data-testid": `figure-${id}`, "data-name": id, "data-tone": tone},
          element("dt", {}, name),
          element("dd", {class: "fb-figure-value"}, value),
          element("dd", {class: "fb-figure-below"}, below)
        )
      )
    );
  });
  return node;
}

function figures(notebook: Notebook): Figure[] {
  const {filter, span} = notebook;
  const [sums, {rows}] = notebook.answers([
    {question: totals, filter},
    {question: hostCount, filter}
  ]);
  const all = valuesOf(sums);
  const hosts = rows[0][0] as number;
  const window = notebook.window();
  const unjudged = all.flows - all.judged;
  const grave = incidentsOf(notebook.incidents, filter).filter(isGrave).length;
  const without = all.flows - all.anomaly_scored;
  return [
    {
      id: "incidents",
      name: "Incidents",
      value: formatCount(grave),
      below: "medium or more",
      tone: grave > 0 ? "alert" : undefined
    },
    {
      id: "suspicious",
      name: "Flows in them",
      value: formatShare(all.suspicious, all.flows),
      below: `${formatCount(all.suspicious)} of ${formatCount(all.flows)}${unjudged > 0 ? `, ${formatCount(unjudged)} not judged` : ""}`,
      tone: all.suspicious > 0 ? "alert" : undefined
    },
    {id: "packets", name: "Packets", value: shortOrExact(all.packets), below: `${formatCount(all.packets)} in flows`},
    {
      id: "bytes",
      name: "Bytes",
      value: formatBytes(all.bytes),
      below: `${formatBytes(all.src_bytes)} out, ${formatBytes(all.dst_bytes)} back`
    },
    {
      id: "flows",
      name: "Flows",
      value: shortOrExact(all.flows),
      below: span ? `in ${formatDuration(window.to - window.from)}` : ""
    },
    {
      id: "hosts",
      name: "Hosts",
      value: shortOrExact(hosts),
      below: "at either end"
    },
    {
      id: "anomaly-rate",
      name: "Anomaly rate",
      value: formatShare(all.anomalous, all.anomaly_scored),
      below:
        all.anomaly_scored === 0
          ? "no flow is scored"
          : `${formatCount(all.anomalous)} of ${formatCount(all.anomaly_scored)} scored${without ? `, ${formatCount(without)} not scored` : ""}`
    }
  ];
}

function shortOrExact(value: number): string {
  return value < 100_000 ? formatCount(value) : formatShort(value);
}

function valuesOf({columns, rows}: Answer): Record<string, number> {
  return Object.fromEntries(columns.map((name, i) => [name, rows[0][i] as number]));
}
