import {element} from "../page/element.js";
import type {Feature} from "./conformance.js";
import {conformanceDistribution} from "./conformance-distribution.js";

/** All about one feature: how its values lie at both, how it is made, and how and why the original differs; who says so stands at the foot of the page. */
export function conformanceFeature(feature: Feature): HTMLElement[] {
  const {name, name2017, unit, formula, sql, original, corrected, missing, figures} = feature;
  const facts: (readonly [string, string | null])[] = [
    ["Ours", unit ? `${formula} (${unit})` : formula],
    ["The original", original ?? "As ours."],
    ["Its corrected version", corrected ?? "As ours."],
    ["Needed for more", missing],
    ["Says who", feature.sources.length > 0 ? feature.sources.join(", ") : null],
    ["In CICIDS2017", name2017 === name ? null : name2017]
  ];
  return [
    ...(figures
      ? [conformanceDistribution(feature, figures.bins)]
      : [
          element("header", {}, element("h2", {}, name)),
          element("p", {class: "fb-note"}, "Flows are paired by this column, so it is equal in every pair.")
        ]),
    element(
      "dl",
      {class: "fb-facts"},
      ...facts.flatMap(([term, text]) => (text ? [element("dt", {}, term), element("dd", {}, text)] : []))
    ),
    element(
      "details",
      {class: "fb-conformance-sql"},
      element("summary", {}, "SQL (f: flows, x: features)"),
      element("pre", {}, sql)
    )
  ];
}
