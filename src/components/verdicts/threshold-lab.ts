import * as Plot from "npm:@observablehq/plot";
import {formatCount, formatShare, formatTime} from "../../lib/format.js";
import {className} from "../../lib/incidents.js";
import type {Answer} from "../../lib/question.js";
import type {NamedCell} from "../../lib/records/record-source.js";
import type {Reliability} from "../../lib/reliability.js";
import {type LabIncident, labChanges, labFigures, labReliability, type ThresholdLab} from "../../lib/threshold-lab.js";
import {visibleText} from "../../lib/visible-text.js";
import {chartFrame} from "../charts/chart-frame.js";
import {named} from "../charts/time-axis.js";
import {reliabilityCard} from "../experiments/reliability.js";
import {severityTone} from "../incidents/incident-item.js";
import {incidentAddress} from "../incidents/incident-link.js";
import {change, currentReviews, followReviews} from "../notices/reviews.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {isServed} from "../page/server-link.js";
import {plainTable} from "../records/plain-table.js";

/** Incidents that are listed at once. */
const mostListed = 30;
const lists = ["gained", "lost", "unlabelled", "labelled"] as const;
type List = (typeof lists)[number];

/** What another threshold of the activity model would bring, and what labels say of it; incidents can be labelled here. */
export function thresholdLab(notebook: Notebook, lab: ThresholdLab | null): HTMLElement {
  if (lab === null)
    return element(
      "section",
      {class: "fb-card", "data-testid": "threshold-lab", "aria-label": "Threshold lab"},
      element("h2", {}, "Threshold lab"),
      element(
        "p",
        {class: "fb-empty"},
        "No activity was judged by this model: there are no activity scores to move a threshold over."
      )
    );
  let at = lab.current;
  let list: List = "unlabelled";
  const figures = element("dl", {class: "fb-figures fb-lab-figures"});
  const said = element("output", {for: "fb-threshold", "data-testid": "lab-threshold"});
  const choices = element("div", {class: "fb-choice", role: "group", "aria-label": "Which incidents"});
  const items = element("ol", {class: "fb-notices", tabindex: 0, "aria-label": "Incidents"});
  const note = element("p", {class: "fb-note", role: "status"});
  const slider = element("input", {
    type: "range",
    id: "fb-threshold",
    min: 0,
    max: lab.thresholds.length - 1,
    step: 1,
    value: at,
    oninput: () => move(Number(slider.value))
  });
  const back = element(
    "button",
    {type: "button", class: "fb-button", onclick: () => move(lab.current)},
    "Card's threshold"
  );
  let redraw = () => {};
  const move = (to: number) => {
    at = to;
    slider.value = String(at);
    const {gained, lost} = labChanges(lab, at);
    if (list !== "labelled") list = gained.length > 0 ? "gained" : lost.length > 0 ? "lost" : "unlabelled";
    draw();
  };
  const {card} = chartFrame({
    id: "threshold-curve",
    title: "Incidents by threshold",
    note: () =>
      "Incidents of medium severity or more that each threshold would raise; precision and recall of those that are labelled.",
    draw: (width) => drawCurve(lab, at, width),
    table: () => plainTable(notebook, columns, answerOf(lab), "Incidents by threshold"),
    answer: () => answerOf(lab),
    controls(again) {
      redraw = again;
      return [];
    }
  });
  const draw = () => {
    const {labels} = currentReviews();
    const threshold = lab.thresholds[at];
    const now = labFigures(lab, at, labels);
    const {gained, lost} = labChanges(lab, at);
    said.textContent = `${threshold}${at === lab.current ? ", the card's" : ""}`;
    slider.setAttribute("aria-valuetext", said.textContent);
    back.disabled = at === lab.current;
    const none = "no label yet";
    figures.replaceChildren(
      figure("incidents", "Incidents", formatCount(now.incidents), "medium or more"),
      figure("gained", "Gained", formatCount(gained.length), "beyond the card's"),
      figure("lost", "Lost", formatCount(lost.length), "of the card's"),
      figure(
        "suspicious",
        "Suspicious activities",
        formatCount(now.suspicious),
        `of ${formatCount(lab.activities)} judged`
      ),
      figure(
        "precision",
        "Precision",
        now.precision === null ? "–" : formatShare(now.precision, 1),
        now.precision === null ? none : `${now.right} of ${now.right + now.wrong} labelled ones are attacks`
      ),
      figure(
        "recall",
        "Recall",
        now.recall === null ? "–" : formatShare(now.recall, 1),
        now.recall === null ? none : `${now.right} of ${now.attacks} labelled attacks`
      )
    );
    const isLabelled = ({id}: LabIncident) => Object.hasOwn(labels, id);
    const raised = lab.incidents.filter(({isGrave}) => isGrave[at]);
    const found: Record<List, readonly LabIncident[]> = {
      gained,
      lost,
      unlabelled: raised.filter((one) => !isLabelled(one)),
      labelled: lab.incidents.filter(isLabelled)
    };
    choices.replaceChildren(
      ...lists.map((name) => {
        const words = `${name[0].toUpperCase()}${name.slice(1)} ${formatCount(found[name].length)}`;
        const button = element(
          "button",
          {type: "button", "aria-pressed": String(name === list), "data-value": name},
          words
        );
        button.addEventListener("click", () => {
          list = name;
          draw();
          choices.querySelector<HTMLButtonElement>(`[data-value="${name}"]`)?.focus();
        });
        return button;
      })
    );
    const shown = found[list].slice(0, mostListed);
    const focused = (document.activeElement as HTMLElement | null)?.dataset.key;
    items.replaceChildren(...shown.map((one) => item(notebook, one)));
    if (focused) items.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    note.textContent =
      found[list].length > mostListed
        ? `The first ${mostListed} of ${formatCount(found[list].length)}.`
        : shown.length === 0
          ? emptyWords[list]
          : "";
    redraw();
    const calibrated = labReliability(lab, labels);
    // Without a label there is nothing to draw: the list has all of the width in its place.
    const isUnknown = calibrated.bins.length === 0;
    calibration.hidden = isUnknown;
    unknown.hidden = !isUnknown;
    listed.classList.toggle("fb-wide", isUnknown);
    listed.classList.toggle("fb-half", !isUnknown);
    calibration.replaceChildren(...(isUnknown ? [] : [calibrationCard(calibrated)]));
  };
  const unknown = element("p", {class: "fb-note", "data-testid": "calibration-unknown"}, calibrationUnknown);
  const calibration = element("div", {class: "fb-half", "data-testid": "incident-calibration"});
  const listed = element(
    "section",
    {class: "fb-card fb-lab-incidents", "aria-label": "Incidents of the threshold"},
    choices,
    note,
    items
  );
  const node = element(
    "div",
    {class: "fb-board", "data-testid": "threshold-lab"},
    element(
      "section",
      {class: "fb-card fb-half fb-lab", "aria-label": "Threshold lab"},
      element("header", {}, element("h2", {}, "Threshold lab")),
      element(
        "p",
        {class: "fb-note"},
        "The activity model calls a minute of a source suspicious from this probability on. Incidents are joined again for each threshold, with what rules and the classifier say. The whole lake counts, whatever the filter; nothing is changed."
      ),
      element(
        "div",
        {class: "fb-lab-slider"},
        element("label", {for: "fb-threshold"}, "Threshold"),
        slider,
        said,
        back
      ),
      figures,
      unknown
    ),
    element("div", {class: "fb-half"}, card),
    listed,
    calibration
  );
  followReviews(node, draw);
  draw();
  return node;
}

const calibrationUnknown =
  "No incident is labelled as attack or false alarm yet: what their probabilities are worth here is not known.";

/** What the probabilities of incidents are worth in this lake: nothing is said before somebody labelled some. */
const calibrationCard = (found: Reliability) =>
  reliabilityCard(found, "incident-calibration", {
    title: "Calibration of incidents",
    note: "How often incidents are attacks, by their probability: those labelled as attack or false alarm, whatever the filter.",
    x: "probability of the incident",
    empty: calibrationUnknown
  });

const emptyWords: Readonly<Record<List, string>> = {
  gained: "The chosen threshold raises no incident that the card's does not.",
  lost: "The chosen threshold loses no incident that the card's raises.",
  unlabelled: "Every incident that the chosen threshold raises is labelled, or it raises none.",
  labelled: "No incident is labelled yet. Labels tell attacks from false alarms; training can use them."
};

const figure = (id: string, name: string, value: string, below: string) =>
  element(
    "div",
    {class: "fb-figure", "data-name": id},
    element("dt", {}, name),
    element("dd", {class: "fb-figure-value"}, value),
    element("dd", {class: "fb-figure-below"}, below)
  );

const labelButtons = [
  ["true", "Attack"],
  ["false", "False alarm"],
  ["unknown", "Not sure"]
] as const;

function item(notebook: Notebook, one: LabIncident): HTMLElement {
  const {id, severity, summary, from, isKnown} = one;
  const known = notebook.incidents.find((incident) => incident.id === id);
  const {labels} = currentReviews();
  const label = Object.hasOwn(labels, id) ? labels[id].label : undefined;
  const press = (value: string) =>
    label === value
      ? change("DELETE", `/api/incidents/${id}/label`)
      : change("POST", `/api/incidents/${id}/label`, {label: value});
  return element(
    "li",
    {"data-testid": "lab-incident", "data-id": id},
    element("span", {class: "fb-badge", "data-tone": severityTone(severity)}, severity),
    element(
      "div",
      {},
      known ? element("a", {href: incidentAddress(known)}, visibleText(summary)) : visibleText(summary),
      element(
        "p",
        {class: "fb-note"},
        `${className(one.class)} · ${formatTime(from, notebook.zone)}${isKnown ? "" : " · not an incident of the lake, so it cannot be labelled"}`
      ),
      isServed() &&
        isKnown &&
        element(
          "p",
          {class: "fb-actions"},
          ...labelButtons.map(([value, words]) =>
            element(
              "button",
              {
                type: "button",
                class: "fb-button",
                "aria-pressed": String(label === value),
                "data-key": `${id} ${value}`,
                onclick: () => void press(value)
              },
              words
            )
          )
        )
    )
  );
}

const columns: readonly NamedCell[] = [
  {name: "threshold", label: "Threshold", kind: "port"},
  {name: "incidents", label: "Incidents", kind: "count"},
  {name: "gained", label: "Gained", kind: "count"},
  {name: "lost", label: "Lost", kind: "count"},
  {name: "suspicious", label: "Suspicious activities", kind: "count"},
  {name: "precision", label: "Precision", kind: "share"},
  {name: "recall", label: "Recall", kind: "share"}
];

function answerOf(lab: ThresholdLab): Answer {
  const {labels} = currentReviews();
  return {
    columns: columns.map(({name}) => name),
    rows: lab.thresholds.map((threshold, at) => {
      const {incidents, suspicious, precision, recall} = labFigures(lab, at, labels);
      const {gained, lost} = labChanges(lab, at);
      return [threshold, incidents, gained.length, lost.length, suspicious, precision, recall];
    })
  };
}

function drawCurve(lab: ThresholdLab, at: number, width: number) {
  const rows = answerOf(lab).rows.map(([threshold, incidents, , , , precision, recall], k) => ({
    k,
    threshold: threshold as number,
    incidents: incidents as number,
    precision: precision as number | null,
    recall: recall as number | null
  }));
  const most = Math.max(...rows.map(({incidents}) => incidents), 1);
  const hasLabels = rows.some(({precision, recall}) => precision !== null || recall !== null);
  const lines = ["precision", "recall"] as const;
  const plot = Plot.plot({
    width,
    height: 250,
    marginLeft: 44,
    marginRight: hasLabels ? 46 : 16,
    marginTop: 14,
    marginBottom: 36,
    style: {background: "transparent", fontSize: "11.5px", fontFamily: "inherit"},
    x: {
      type: "point",
      domain: rows.map(({k}) => k),
      ticks: rows.map(({k}) => k).filter((k) => k % (width < 480 ? 5 : 2) === 0),
      tickFormat: (k: number) => String(lab.thresholds[k]),
      label: null
    },
    // There is no half of an incident.
    y: {domain: [0, most], grid: true, ticks: Math.min(4, most), label: null, nice: most > 4},
    marks: [
      Plot.areaY(rows, {x: "k", y: "incidents", fill: "var(--fb-blue)", fillOpacity: 0.18, curve: "step"}),
      Plot.lineY(rows, {x: "k", y: "incidents", stroke: "var(--fb-blue)", strokeWidth: 2, curve: "step"}),
      ...(hasLabels
        ? [
            Plot.axisY(
              [0, 0.5, 1].map((share) => share * most),
              {
                anchor: "right",
                tickFormat: (value: number) => `${Math.round((100 * value) / most)} %`,
                label: null,
                tickSize: 0
              }
            ),
            ...lines.map((name, n) =>
              Plot.lineY(
                rows.filter((row) => row[name] !== null),
                {
                  x: "k",
                  y: (row: (typeof rows)[number]) => (row[name] as number) * most,
                  stroke: n === 0 ? "var(--fb-green)" : "var(--fb-orange)",
                  strokeWidth: 2,
                  strokeDasharray: n === 0 ? "none" : "6,3"
                }
              )
            )
          ]
        : []),
      Plot.ruleX([lab.current], {stroke: "var(--fb-soft)", strokeDasharray: "3,3"}),
      Plot.ruleX([at], {stroke: "var(--fb-ink)", strokeWidth: 1.5}),
      Plot.ruleY([0], {stroke: "var(--fb-axis)"})
    ]
  }) as SVGSVGElement;
  return {
    node: named(plot, "Incidents, precision and recall by threshold"),
    legend: [
      {name: "incidents", color: "var(--fb-blue)"},
      ...(hasLabels
        ? [
            {name: "precision", color: "var(--fb-green)"},
            {name: "recall", color: "var(--fb-orange)"}
          ]
        : [])
    ]
  };
}
