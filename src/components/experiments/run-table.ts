import {
  type Experiment,
  experimentName,
  type FigureKind,
  type FigureSet,
  figureNotes,
  figureTitles,
  learntFrom
} from "../../lib/experiments.js";
import {formatCount, formatDuration, formatTime} from "../../lib/format.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";

export interface RunActions {
  choose(run: Experiment): void;
  /** Puts a run beside the chosen one; null takes it away. */
  compare(run: Experiment | null): void;
}

/** Kinds in the list, in the order of what they are worth. */
const listed = ["unknown", "others", "left_out"] as const satisfies readonly FigureKind[];

/** All runs with what they are worth on unknown networks first; a name chooses one, a button compares it. */
export function runTable(
  notebook: Notebook,
  runs: readonly Experiment[],
  chosen: Experiment,
  other: Experiment | null,
  {choose, compare}: RunActions
): HTMLElement {
  const heads = ["Run", ...listed.map((kind) => figureTitles[kind]), "Files", "Made", ""];
  return element(
    "section",
    {class: "fb-card", "aria-labelledby": "runs-title", "data-testid": "runs"},
    element("header", {}, element("h2", {id: "runs-title"}, runs.length === 1 ? "One run" : `${runs.length} runs`)),
    element(
      "p",
      {class: "fb-note"},
      "Macro-F1 over classes; attacks found; ordinary flows named an attack. Where a run has no classifier, its own verdict counts."
    ),
    element(
      "div",
      {class: "fb-table-scroll", tabindex: 0, role: "region", "aria-label": "Runs: table"},
      element(
        "table",
        {class: "fb-table fb-runs"},
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            ...heads.map((head, i) =>
              element(
                "th",
                {scope: "col", title: i > 0 && i <= listed.length ? figureNotes[listed[i - 1]] : null},
                head
              )
            )
          )
        ),
        element("tbody", {}, ...runs.map(row))
      )
    )
  );

  function row(run: Experiment): HTMLElement {
    const name = element(
      "button",
      {type: "button", class: "fb-link-button", "aria-pressed": String(run === chosen)},
      experimentName(run)
    );
    name.addEventListener("click", () => choose(run));
    const isBeside = run === other;
    const beside = element(
      "button",
      {type: "button", class: "fb-button", "aria-pressed": String(isBeside), "data-compare": run.id},
      isBeside ? "Close" : "Compare"
    );
    beside.addEventListener("click", () => compare(isBeside ? null : run));
    const {runs: times, modelHash, madeMs, tookMs} = run;
    return element(
      "tr",
      {"data-chosen": run === chosen ? "true" : null},
      element("td", {}, name, element("p", {class: "fb-note"}, learntFrom(run))),
      ...listed.map((kind) => element("td", {}, told(run.models[0]?.sets.find((set) => set.kind === kind)))),
      element("td", {}, element("code", {}, modelHash.slice(0, 12)), times > 1 ? ` made ${times} times alike` : ""),
      element("td", {}, `${formatTime(madeMs * 1000, notebook.zone)} in ${formatDuration(tookMs * 1000)}`),
      element("td", {}, run === chosen ? "" : beside)
    );
  }
}

/** Figures of a set in a few words. */
export function told(set: FigureSet | undefined): string {
  if (!set) return "–";
  const {macroF1, found, falseAlarms, rows} = set;
  return [
    found !== null && macroF1 !== null ? `F1 ${macroF1.toFixed(2)}` : null,
    found === null ? null : `${percent(found)} found`,
    falseAlarms === null ? null : `${percent(falseAlarms)} false`,
    `of ${formatCount(rows)}`
  ]
    .filter(Boolean)
    .join(", ");
}

/** A share in per cent, as exact as four digits allow. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value.toFixed(value > 0 && value < 1 ? 2 : 1).replace(/\.0$/, "")} %`;
}
