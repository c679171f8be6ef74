import {type Experiment, type FigureSet, figureNotes, type TrainedModel} from "../../lib/experiments.js";
import {formatCount} from "../../lib/format.js";
import {element} from "../page/element.js";
import {percent} from "./run-table.js";

const share = (value: number | null) => (value === null ? "–" : percent(value));
const figure = (value: number | null) => (value === null ? "–" : value.toFixed(2));

function card(
  title: string,
  note: string,
  id: string,
  heads: readonly string[],
  rows: readonly HTMLElement[]
): HTMLElement {
  return element(
    "section",
    {class: "fb-card", "data-testid": id, "aria-label": title},
    element("header", {}, element("h3", {}, title)),
    element("p", {class: "fb-note"}, note),
    element(
      "div",
      {class: "fb-table-scroll", tabindex: 0, role: "region", "aria-label": `${title}: table`},
      element(
        "table",
        {class: "fb-table"},
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            ...heads.map((head, i) => element("th", {scope: "col", class: i > 0 ? "fb-number" : null}, head))
          )
        ),
        element("tbody", {}, ...rows)
      )
    )
  );
}

function row(name: string, cells: readonly string[]): HTMLElement {
  return element(
    "tr",
    {},
    element("th", {scope: "row", class: "fb-row-head"}, name),
    ...cells.map((text) => element("td", {class: "fb-number"}, text))
  );
}

/** Classes that a confusion shows in half of the page's width. */
const mostBesideOthers = 7;

/** Rows by true class, columns by the model's; the darker a cell, the greater its share of the row. */
export function confusionCard({labels, confusion, kind, rows}: FigureSet, id: string): HTMLElement {
  const body = labels.map((label, k) => {
    const total = confusion[k].reduce((sum, count) => sum + count, 0);
    return element(
      "tr",
      {},
      element("th", {scope: "row", class: "fb-row-head"}, label),
      ...confusion[k].map((count, j) => {
        const part = total > 0 ? count / total : 0;
        return element(
          "td",
          {
            class: "fb-number fb-confusion",
            "data-right": j === k ? "true" : null,
            style: `--share: ${Math.round(part * 100)}%`,
            title:
              total > 0 ? `${formatCount(count)} of ${formatCount(total)} ${label} were taken for ${labels[j]}` : null
          },
          count === 0 ? "" : formatCount(count)
        );
      })
    );
  });
  const note = `${figureNotes[kind]} ${formatCount(rows)} in all. Rows: what they are. Columns: what the model says.`;
  const made = card("Confusion", note, id, ["", ...labels], body);
  made.toggleAttribute("data-wide", labels.length > mostBesideOthers);
  return made;
}

export function classesCard({classes}: FigureSet): HTMLElement {
  const rows = classes.map(({label, support, precision, recall, f1, averagePrecision}) =>
    row(label, [formatCount(support), share(precision), share(recall), figure(f1), figure(averagePrecision)])
  );
  const heads = ["Class", "Support", "Precision", "Recall", "F1", "Area"];
  return card(
    "Classes",
    "Support: how many there are. Area: below the precision-recall curve.",
    "classes",
    heads,
    rows
  );
}

/** By network, repository or table. */
export function placesCard({places}: FigureSet): HTMLElement {
  const rows = places.map(({name, rows, macroF1, found, falseAlarms}) =>
    row(name, [formatCount(rows), found === null ? "–" : figure(macroF1), share(found), share(falseAlarms)])
  );
  const heads = ["Network or source", "Number", "Macro-F1", "Attacks found", "False alarms"];
  return card("By network", "Each by itself: a mean may hide one that fails.", "places", heads, rows);
}

const roles: Readonly<Record<string, string>> = {
  train: "labelled captures",
  background: "ordinary traffic",
  test: "test only",
  table: "table of flows",
  labels: "labelled by readers"
};

/** What the run learnt from, and which features some of it lacks. */
export function sourcesCard({sources, id, modelHash}: Experiment, model: TrainedModel | undefined): HTMLElement {
  // What was learnt from first, then what was only measured on.
  const ordered = [...sources.filter(({role}) => role !== "test"), ...sources.filter(({role}) => role === "test")];
  const rows = ordered.map(({name, role, captures, flows, licence}) => {
    const {Normal: ordinary = 0, ...attacks} = flows;
    const sum = Object.values(attacks).reduce((total, count) => total + count, 0);
    const about = [roles[role] ?? role, licence].filter(Boolean).join(", ");
    return row(name, [about, formatCount(captures), formatCount(ordinary), formatCount(sum)]);
  });
  const lacking = Object.entries(model?.missing ?? {}).map(
    ([name, features]) => `${name} lacks ${features.length} of ${model!.features} features: ${features.join(", ")}.`
  );
  const made = card(
    "Learnt from",
    `Run ${id}, models ${modelHash.slice(0, 16)}. To use them: flowbook score --models LAKE/.experiments/${id}/models`,
    "sources",
    ["Source", "What", "Files", "Ordinary flows", "Attack flows"],
    rows
  );
  for (const text of lacking) made.append(element("p", {class: "fb-note", "data-testid": "missing"}, text));
  return made;
}
