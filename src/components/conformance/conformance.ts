import type {Conformance, FeatureFigures, FeatureText} from "../../lib/conformance.js";
import {toCsv} from "../../lib/csv.js";
import {formatCount, formatShare} from "../../lib/format.js";
import {protocolName} from "../../lib/names.js";
import {choice} from "../charts/choice.js";
import {saveFile} from "../charts/save-file.js";
import {element} from "../page/element.js";
import {conformanceFeature} from "./conformance-feature.js";
import {conformanceTable} from "./conformance-table.js";

/** A feature with its figures; null where none were measured, as for what pairs are made by. */
export interface Feature extends FeatureText {
  readonly figures: FeatureFigures | null;
}

const choices = [
  ["all", "All"],
  ["differ", "That differ"],
  ["mistake", "Mistaken in the original"]
] as const;
type Choice = (typeof choices)[number][0];

/** The page on conformance: what was compared, every feature in a list, and the chosen one in full. */
export function conformance({figures, features: texts, flowNotes, sources}: Conformance): HTMLElement {
  const byName = new Map(figures.features.map((feature) => [feature.name, feature]));
  const features = texts.map((text): Feature => ({...text, figures: byName.get(text.name) ?? null}));
  let shown: Choice = "all";
  let words = "";
  let chosen = leastEqual(features);

  const place = element("div", {});
  const detail = element("section", {
    class: "fb-card fb-conformance-feature",
    "aria-label": "Chosen feature",
    "aria-live": "polite",
    "data-testid": "conformance-feature"
  });
  const input = element("input", {type: "search", placeholder: "Find a feature", "aria-label": "Find a feature"});
  const draw = () => {
    const rows = features.filter((feature) => passes(feature, shown) && feature.name.toLowerCase().includes(words));
    place.replaceChildren(
      conformanceTable(rows, chosen, (feature) => {
        chosen = feature;
        draw();
        detail.replaceChildren(...conformanceFeature(chosen));
        if (detail.getBoundingClientRect().top < 0) detail.scrollIntoView();
        place.querySelector<HTMLElement>("[aria-pressed='true']")?.focus({preventScroll: true});
      })
    );
  };
  input.addEventListener("input", () => {
    words = input.value.trim().toLowerCase();
    draw();
  });
  const csv = element("button", {type: "button", class: "fb-button"}, "CSV");
  csv.addEventListener("click", () => saveFile("conformance.csv", new Blob([asCsv(features)], {type: "text/csv"})));
  draw();
  detail.replaceChildren(...conformanceFeature(chosen));
  return element(
    "div",
    {class: "fb-conformance", "data-testid": "conformance"},
    headline(figures, features),
    compared(figures),
    detail,
    element(
      "section",
      {class: "fb-card", "aria-labelledby": "conformance-table-title", "data-testid": "conformance-table"},
      element("header", {}, element("h2", {id: "conformance-table-title"}, `The ${features.length} features`), csv),
      element(
        "div",
        {class: "fb-conformance-tools"},
        choice("Which features", choices, shown, (next) => {
          shown = next;
          draw();
        }),
        element("span", {class: "fb-host"}, input)
      ),
      place
    ),
    notes(flowNotes, sources)
  );
}

function headline({captures}: Conformance["figures"], features: readonly Feature[]): HTMLElement {
  const sum = (value: (capture: (typeof captures)[number]) => number) => captures.reduce((n, one) => n + value(one), 0);
  const [rows, matched, alike] = [sum((c) => c.rows), sum((c) => c.matched), sum((c) => c.sameExtent)];
  const measured = features.flatMap(({figures}) => figures ?? []);
  const close = measured.filter(({comparedSame, equalSame}) => equalSame >= 0.995 * comparedSame).length;
  const cards = [
    ["pairs", "Flows paired", formatCount(matched), `of ${formatCount(rows)} of the original, by five-tuple and start`],
    ["alike", "Cut alike", formatShare(alike, matched), `${formatCount(alike)} pairs of the same duration and packets`],
    [
      "close",
      "Features that agree",
      `${close} of ${measured.length}`,
      "equal in at least 99.5 % of the pairs with the same flow boundaries"
    ]
  ] as const;
  return element(
    "dl",
    {class: "fb-figures", "data-testid": "conformance-headline"},
    ...cards.map(([id, name, value, below]) =>
      element(
        "div",
        {class: "fb-figure", "data-testid": `figure-${id}`},
        element("dt", {}, name),
        element("dd", {class: "fb-figure-value"}, value),
        element("dd", {class: "fb-figure-below"}, below)
      )
    )
  );
}

/** What was compared, when and with what; and that these figures are all that is kept of it. */
function compared({captures, made, meter, reference, tolerance}: Conformance["figures"]): HTMLElement {
  const hash = (sha256: string) => element("code", {title: `SHA-256 ${sha256}`}, sha256.slice(0, 12));
  return element(
    "details",
    {class: "fb-card fb-conformance-compared", "data-testid": "conformance-compared"},
    element("summary", {}, `Measured on ${made} with ${meter} over ${captures.map(({name}) => name).join(" and ")}`),
    element(
      "p",
      {class: "fb-note"},
      `Reference: ${reference}. Values are equal where they differ by at most ${tolerance * 1e6} in a million.`
    ),
    element(
      "p",
      {class: "fb-note"},
      "Only these figures are stored, not the captures or the output of the reference. They do not describe the flows of this notebook, and the filter above does not change them. With ../shared/data beside the project, npm run conformance measures them again."
    ),
    element(
      "ul",
      {},
      ...captures.map(({name, packets, flows, rows, matched, unpaired, sameExtent, captureSha256, referenceSha256}) =>
        element(
          "li",
          {},
          element("strong", {}, name),
          `: ${formatCount(packets)} packets, ${formatCount(flows)} flows of ours, ${formatCount(rows)} of the original, ${formatCount(matched)} paired, ${formatCount(sameExtent)} cut alike${without(unpaired)}. Capture `,
          hash(captureSha256),
          ", reference ",
          hash(referenceSha256),
          "."
        )
      )
    )
  );
}

/** Flows of the original without a partner, by protocol; why stands below, where flows are told of. */
function without(unpaired: Readonly<Record<string, number>>): string {
  const parts = Object.entries(unpaired).map(
    ([proto, flows]) => `${formatCount(flows)} of ${protocolName(Number(proto))}`
  );
  return parts.length > 0 ? `; not paired ${parts.join(", ")}` : "";
}

function notes(flowNotes: readonly string[], sources: Conformance["sources"]): HTMLElement {
  return element(
    "section",
    {class: "fb-card fb-conformance-notes", "aria-label": "Flows and sources"},
    element("h2", {}, "What the original calls a flow"),
    element("ul", {}, ...flowNotes.map((note) => element("li", {}, note.replaceAll("`", "")))),
    element("h2", {}, "Sources"),
    element(
      "dl",
      {class: "fb-facts"},
      ...Object.entries(sources).flatMap(([key, work]) => [element("dt", {}, key), element("dd", {}, work)])
    )
  );
}

function passes({figures, original}: Feature, shown: Choice): boolean {
  if (shown === "differ") return figures !== null && figures.equal < figures.compared;
  return shown === "all" || original !== null;
}

function leastEqual(features: readonly Feature[]): Feature {
  const share = ({figures}: Feature) => (figures ? figures.equalSame / Math.max(1, figures.comparedSame) : 2);
  return features.reduce((least, feature) => (share(feature) < share(least) ? feature : least));
}

function asCsv(features: readonly Feature[]): string {
  return toCsv({
    columns: [
      "feature",
      "unit",
      "compared",
      "equal",
      "compared_cut_alike",
      "equal_cut_alike",
      "median_difference",
      "formula",
      "original",
      "corrected_version",
      "missing",
      "sources"
    ],
    rows: features.map(({name, unit, figures, formula, original, corrected, missing, sources}) => [
      name,
      unit,
      figures?.compared ?? null,
      figures?.equal ?? null,
      figures?.comparedSame ?? null,
      figures?.equalSame ?? null,
      figures?.medianDifference ?? null,
      formula,
      original,
      corrected,
      missing,
      sources.join(" ")
    ])
  });
}
