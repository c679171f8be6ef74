import {
  type Experiment,
  experimentName,
  type FigureKind,
  figureKinds,
  figureTitles,
  type TrainedModel
} from "../../lib/experiments.js";
import {choice} from "../charts/choice.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {importanceCard} from "./importance.js";
import {precisionRecallCard} from "./precision-recall.js";
import {reliabilityCard} from "./reliability.js";
import {runTable} from "./run-table.js";
import {classesCard, confusionCard, placesCard, sourcesCard} from "./set-tables.js";

const modelNames: Readonly<Record<TrainedModel["name"], string>> = {
  classifier: "Classes of flows",
  activity: "Activities of hosts",
  anomaly: "Anomalies"
};

/** All training runs; one is shown in full, and another beside it where the reader compares. */
export function experimentsPage(notebook: Notebook, runs: readonly Experiment[]): HTMLElement {
  if (runs.length === 0) return noRuns();
  const asked = new URLSearchParams(location.search);
  const find = (id: string | null) => runs.find((run) => run.id === id);
  let chosen = find(asked.get("run")) ?? runs[0];
  let other = find(asked.get("with")) ?? null;
  let model: TrainedModel["name"] | null = null;
  let kind: FigureKind | null = null;
  const list = element("div", {});
  const detail = element("div", {"aria-live": "polite", "data-testid": "experiment"});

  const draw = () => {
    keepInAddress(chosen, other);
    list.replaceChildren(
      runTable(notebook, runs, chosen, other, {
        choose: (run) => {
          chosen = run;
          if (other === run) other = null;
          draw();
        },
        compare: (run) => {
          other = run;
          draw();
        }
      })
    );
    const shown = other ? [chosen, other] : [chosen];
    const names = (Object.keys(modelNames) as TrainedModel["name"][]).filter((name) =>
      shown.some(({models}) => models.some((each) => each.name === name))
    );
    const current = model && names.includes(model) ? model : names[0];
    const trained = shown.map(({models}) => models.find(({name}) => name === current));
    const kinds = figureKinds.filter((each) => trained.some((one) => one?.sets.some((set) => set.kind === each)));
    const set = kind && kinds.includes(kind) ? kind : kinds[0];
    detail.replaceChildren(
      element(
        "div",
        {class: "fb-experiment-tools"},
        choice(
          "Model",
          names.map((name) => [name, modelNames[name]] as const),
          current,
          (name) => {
            model = name;
            draw();
          }
        ),
        setChoice(kinds, set, (next) => {
          kind = next;
          draw();
        })
      ),
      element(
        "div",
        {class: shown.length > 1 ? "fb-experiment-pair" : "fb-experiment-one"},
        ...shown.map((run, i) => runFigures(notebook, run, trained[i], set, i === 0 ? "" : "other-"))
      )
    );
  };
  draw();
  return element("div", {"data-testid": "experiments"}, list, detail);
}

function noRuns(): HTMLElement {
  return element(
    "div",
    {class: "fb-card fb-empty", "data-testid": "no-experiments"},
    element("strong", {}, "No training runs yet"),
    element(
      "span",
      {},
      "A training on labelled captures appears here, with its figures. The quick one takes five minutes at most:"
    ),
    element("code", {}, "flowbook train --quick --train run/101/random.pcap")
  );
}

/** What figures are of; a select, since the names are long. */
function setChoice(kinds: readonly FigureKind[], chosen: FigureKind, choose: (kind: FigureKind) => void): HTMLElement {
  const select = element(
    "select",
    {class: "fb-select", "aria-label": "Figures of", "data-testid": "figure-set"},
    ...kinds.map((kind) => element("option", {value: kind, selected: kind === chosen}, figureTitles[kind]))
  );
  select.addEventListener("change", () => choose(select.value as FigureKind));
  return select;
}

function runFigures(
  notebook: Notebook,
  run: Experiment,
  model: TrainedModel | undefined,
  kind: FigureKind,
  prefix: string
): HTMLElement {
  const set = model?.sets.find((each) => each.kind === kind);
  const missing = model ? `It has no figures of ${figureTitles[kind].toLowerCase()}.` : "It has no such model.";
  return element(
    "section",
    {class: "fb-experiment", "aria-label": experimentName(run), "data-run": run.id},
    element("h2", {class: "fb-experiment-name"}, experimentName(run)),
    ...(set && model
      ? [
          confusionCard(set, `${prefix}confusion`),
          classesCard(set),
          precisionRecallCard(set, `${prefix}precision-recall`),
          reliabilityCard({...set, bins: set.reliability}, `${prefix}calibration`),
          importanceCard(notebook, model, `${prefix}importance`),
          placesCard(set)
        ]
      : [element("p", {class: "fb-card fb-empty"}, missing)]),
    sourcesCard(run, model)
  );
}

/** So that a link leads to what is shown; the filter stays in the fragment. */
function keepInAddress(chosen: Experiment, other: Experiment | null): void {
  const asked = new URLSearchParams(location.search);
  asked.set("run", chosen.id);
  if (other) asked.set("with", other.id);
  else asked.delete("with");
  if (location.protocol !== "about:") history.replaceState(history.state, "", `?${asked}${location.hash}`);
}
