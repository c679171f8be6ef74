import {formatCount, formatShare} from "../../lib/format.js";
import {className} from "../../lib/incidents.js";
import {type CardFacts, figureWords, type ModelFacts, type ModelFigures} from "../../lib/model-facts.js";
import {protocolName} from "../../lib/names.js";
import {element} from "../page/element.js";

const kindWords: Readonly<Record<string, string>> = {
  activity: "Activity model",
  classifier: "Flow classifier",
  anomaly: "Isolation Forest"
};

/** What each model is worth where it was never trained, then on the lab's networks, and what it was made of. */
export function modelCards({cards, problem}: ModelFacts): HTMLElement {
  if (cards.length === 0)
    return element(
      "section",
      {class: "fb-card", "data-testid": "model-cards"},
      element("h2", {}, "No model card"),
      element("p", {class: "fb-note"}, problem ?? "No model is installed.")
    );
  return element("div", {class: "fb-board", "data-testid": "model-cards"}, ...cards.map(cardOf));
}

function cardOf(card: CardFacts): HTMLElement {
  const [unknown, lab] = [
    card.figures.filter(({kind}) => kind !== "lab"),
    card.figures.filter(({kind}) => kind === "lab")
  ];
  return element(
    "section",
    {class: "fb-card fb-wide", "aria-label": kindWords[card.kind] ?? card.kind, "data-testid": "model-card"},
    element("header", {}, element("h2", {}, `${kindWords[card.kind] ?? card.kind}: ${card.name}`)),
    element("p", {class: "fb-note"}, card.limits ?? ""),
    element("h3", {}, "On networks that it had not seen"),
    unknownLists(unknown),
    ...confusions(card),
    card.naming.length > 0 && folded("Names of classes, on networks left out", namingTable(card)),
    lab.length > 0 &&
      element(
        "details",
        {},
        element("summary", {}, `The lab's own networks, each left out in turn (${lab.length})`),
        figuresTable(lab, "Figures on the lab's networks")
      ),
    element("details", {}, element("summary", {}, "How it was made"), factsList(card))
  );
}

/** A list for each set of data, beside one another: they have few figures in common. */
function unknownLists(list: readonly ModelFigures[]): HTMLElement {
  return element(
    "div",
    {class: "fb-unknown-lists"},
    ...list.map(({on, figures}) =>
      element(
        "section",
        {},
        element("h4", {}, on),
        element(
          "dl",
          {class: "fb-facts"},
          ...Object.entries(figures).flatMap(([name, value]) => [
            element("dt", {}, figureWords(name)),
            element("dd", {}, figureText(value))
          ])
        )
      )
    )
  );
}

/** A part that its heading opens. */
const folded = (heading: string, ...content: readonly HTMLElement[]): HTMLElement =>
  element("details", {}, element("summary", {}, heading), ...content);

/** A row for each set of data; a figure that one of them lacks is left empty. */
function figuresTable(list: readonly ModelFigures[], caption: string): HTMLElement {
  const names = [...new Set(list.flatMap(({figures}) => Object.keys(figures)))];
  return scrolled(
    caption,
    element(
      "table",
      {class: "fb-table"},
      element("caption", {class: "fb-hidden"}, caption),
      element(
        "thead",
        {},
        element("tr", {}, headCell("Data", false), ...names.map((name) => headCell(figureWords(name), true)))
      ),
      element(
        "tbody",
        {},
        ...list.map(({on, figures}) =>
          element(
            "tr",
            {},
            element("th", {scope: "row"}, on),
            ...names.map((name) => element("td", {class: "fb-number"}, figureText(figures[name])))
          )
        )
      )
    )
  );
}

const figureText = (value: number | undefined) =>
  value === undefined ? "" : Number.isInteger(value) ? formatCount(value) : String(value);

/** Truth against what the model said, on the first data of unknown networks that have classes. */
function confusions({figures}: CardFacts): HTMLElement[] {
  const shown =
    figures.find(({confusion, kind}) => confusion !== null && kind !== "lab") ??
    figures.find(({confusion}) => confusion !== null);
  if (!shown?.confusion) return [];
  const {labels, flows} = shown.confusion;
  const body = flows.map((row, k) => {
    const total = row.reduce((sum, value) => sum + value, 0);
    const facts = shown.classes.find(({name}) => name === labels[k]);
    const share = (value: number) => (total === 0 ? 0 : value / total);
    return element(
      "tr",
      {},
      element("th", {scope: "row"}, className(labels[k])),
      ...row.map((value, j) =>
        element(
          "td",
          {
            class: "fb-number fb-confused",
            style: `--share: ${share(value).toFixed(3)}`,
            "data-right": j === k || null,
            title: `${className(labels[k])} called ${className(labels[j])}: ${formatCount(value)} flows, ${formatShare(value, total || 1)}`
          },
          value === 0 ? "" : formatCount(value)
        )
      ),
      element("td", {class: "fb-number"}, formatCount(total)),
      element("td", {class: "fb-number"}, total === 0 || !facts ? "" : facts.precision.toFixed(2)),
      element("td", {class: "fb-number"}, total === 0 || !facts ? "" : facts.recall.toFixed(2))
    );
  });
  const table = [
    element(
      "p",
      {class: "fb-note"},
      "Rows are the truth, columns what the classifier said. The shade is the share of the row."
    ),
    scrolled(
      "Confusion",
      element(
        "table",
        {class: "fb-table fb-confusion"},
        element("caption", {class: "fb-hidden"}, "Flows by truth and by what the classifier said"),
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            headCell("Truth", false),
            ...[...labels.map(className), "flows", "precision", "recall"].map((name) => headCell(name, true))
          )
        ),
        element("tbody", {}, ...body)
      )
    )
  ];
  return [folded(`Confusion: ${shown.on}`, ...table)];
}

function namingTable({naming}: CardFacts): HTMLElement {
  const heads = ["activities", "named", "of these rightly", "of all found"];
  return scrolled(
    "Names of classes",
    element(
      "table",
      {class: "fb-table"},
      element("caption", {class: "fb-hidden"}, "How often names of classes are right"),
      element("thead", {}, element("tr", {}, headCell("Class", false), ...heads.map((name) => headCell(name, true)))),
      element(
        "tbody",
        {},
        ...naming.map(({name, activities, named, right, found}) =>
          element(
            "tr",
            {},
            element("th", {scope: "row"}, className(name)),
            ...[formatCount(activities), formatCount(named), formatShare(right, 1), formatShare(found, 1)].map((text) =>
              element("td", {class: "fb-number"}, text)
            )
          )
        )
      )
    )
  );
}

function factsList(card: CardFacts): HTMLElement {
  const {protocols, thresholds, data} = card;
  const ofOthers = data.filter(({licence}) => licence !== null);
  const ofLab = data.filter(({licence, role}) => licence === null && role !== "test");
  const captures = (list: CardFacts["data"]) => list.reduce((sum, {captures}) => sum + captures, 0);
  const facts: [string, string][] = [
    ["Learner", card.learner ?? "not stated"],
    ["Calibration", card.calibration ?? "none"],
    ["Features", formatCount(card.features)],
    ["Classes", card.labels.map(className).join(", ") || "none"],
    ["Protocols that it judges", protocols.map(protocolName).join(", ") || "those of the classifier"],
    [
      "Thresholds",
      Object.entries(thresholds)
        .map(([name, value]) => `${name} ${value}`)
        .join(", ")
    ],
    [
      "Learnt from",
      `${formatCount(captures(ofLab))} captures of the lab, ${formatCount(captures(ofOthers))} of others`
    ],
    [
      "Captures of others",
      ofOthers.map(({from, captures, licence}) => `${from} (${captures}, ${licence})`).join("; ") || "none"
    ],
    [
      "Features that matter most",
      card.importance.map(({name, share}) => `${name} ${formatShare(share, 1)}`).join(", ") || "not stated"
    ],
    ["Tools", card.tools],
    ["Licence", card.licence]
  ];
  return element(
    "dl",
    {class: "fb-facts"},
    ...facts.flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)])
  );
}

const headCell = (text: string, isNumber: boolean) =>
  element("th", {scope: "col", class: isNumber ? "fb-number" : null}, text);

/** A table in a box that scrolls; where it is narrow, each value stands in a line with the head of its column. */
function scrolled(label: string, table: HTMLElement): HTMLElement {
  const heads = [...table.querySelectorAll("thead th")].map(({textContent}) => textContent ?? "");
  for (const row of table.querySelectorAll("tbody tr"))
    for (const [k, cell] of [...row.children].entries()) {
      if (cell.localName !== "td") continue;
      cell.setAttribute("data-label", heads[k]);
      if (cell.textContent === "" || cell.textContent === "–") cell.setAttribute("data-none", "");
    }
  return element("div", {class: "fb-table-scroll fb-plain", tabindex: 0, role: "region", "aria-label": label}, table);
}
