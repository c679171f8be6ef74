import {formatShare} from "../../lib/format.js";
import {element} from "../page/element.js";
import type {Feature} from "./conformance.js";

/** Features with how often they agree; a click on a name chooses it. */
export function conformanceTable(
  features: readonly Feature[],
  chosen: Feature,
  choose: (feature: Feature) => void
): HTMLElement {
  if (features.length === 0) return element("p", {class: "fb-empty"}, "No feature of that name.");
  const heads = [
    ["Feature", ""],
    ["Equal", "Share of all pairs whose values agree"],
    ["Cut alike", "Share of the pairs with equal duration and packets whose values agree"],
    ["Median difference", "Median of difference / larger value over the pairs that differ"],
    ["In the original", "How CICFlowMeter's own value differs"]
  ].map(([name, title], i) =>
    element("th", {scope: "col", class: i > 0 && i < 4 ? "fb-number" : null, title: title || null}, name)
  );
  return element(
    "div",
    {class: "fb-table-scroll fb-conformance-rows", tabindex: 0, role: "region", "aria-label": "Features: table"},
    element(
      "table",
      {class: "fb-table"},
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...features.map((feature) => row(feature, feature.name === chosen.name, choose)))
    )
  );
}

function row(feature: Feature, isChosen: boolean, choose: (feature: Feature) => void): HTMLElement {
  const {name, figures, original} = feature;
  const button = element("button", {type: "button", class: "fb-link-button", "aria-pressed": String(isChosen)}, name);
  button.addEventListener("click", () => choose(feature));
  const cells = figures
    ? [
        share(figures.equal, figures.compared),
        share(figures.equalSame, figures.comparedSame),
        element("td", {class: "fb-number"}, figures.medianDifference === null ? "–" : percent(figures.medianDifference))
      ]
    : [element("td", {class: "fb-number", colspan: 3}, "what pairs are made by")];
  return element(
    "tr",
    {"data-chosen": isChosen ? "true" : null},
    element("td", {}, button),
    ...cells,
    element("td", {}, original ?? "")
  );
}

function share(part: number, whole: number): HTMLElement {
  return element(
    "td",
    {class: "fb-number", "data-tone": part < 0.995 * whole ? "warn" : null},
    formatShare(part, whole)
  );
}

/** A relative difference in per cent, to two digits. */
function percent(difference: number): string {
  return `${Number((difference * 100).toPrecision(2))} %`;
}
