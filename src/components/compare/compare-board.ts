import {chosenSides, sidesToChoose} from "../../lib/compared-sides.js";
import {captureName} from "../../lib/describe-filter.js";
import {formatCount} from "../../lib/format.js";
import {
  comparedBy,
  compareFigures,
  differences,
  leastDeviations,
  leastRatio,
  type Side,
  type Sides,
  serviceMix
} from "../../lib/records/compare.js";
import type {RecordQuestion} from "../../lib/records/record-source.js";
import {visibleText} from "../../lib/visible-text.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {plainTable} from "../records/plain-table.js";
import {placeOf, recordChart, statementOf} from "../records/record-chart.js";
import {figuresWidth, recordFigures} from "../records/record-figures.js";
import {drawMix} from "./mix-chart.js";

const none = "Nothing differs by more than chance explains.";

/** Two sides, chosen above, and what differs between them. The address names the sides (`?before=…&after=…`). */
export function compareBoard(notebook: Notebook): HTMLElement {
  const node = element("div", {"data-testid": "compare"});
  let drawn = "";
  const draw = () => {
    node.hidden = notebook.isEmpty;
    if (node.hidden) return;
    const choice = sidesToChoose(notebook.captures, notebook.filter, notebook.span ?? {from: 0, to: 1}, ({sha256}) =>
      captureName(sha256, notebook.captures)
    );
    const asked = new URLSearchParams(location.search);
    const {names, ...sides} = chosenSides(choice, asked.get("before"), asked.get("after"));
    // Cards follow the filter themselves; they are made anew where what they compare is.
    const key = JSON.stringify(sides);
    if (key === drawn) return;
    drawn = key;
    node.replaceChildren(chooser(choice, names, choose), ...cards(notebook, sides));
  };
  const choose = (before: string, after: string) => {
    history.replaceState(
      history.state,
      "",
      `${location.pathname}?${new URLSearchParams({before, after})}${location.hash}`
    );
    redraw();
  };
  const redraw = notebook.follow(node, draw);
  return node;
}

function chooser(
  choice: ReadonlyMap<string, Side>,
  [before, after]: readonly [string, string],
  change: (before: string, after: string) => void
): HTMLElement {
  const pick = (label: string, chosen: string, set: (name: string) => void) => {
    const options = [...choice].map(([name, side]) =>
      element("option", {value: name, selected: name === chosen}, visibleText(side.label))
    );
    const select = element("select", {"data-testid": `compare-${label.toLowerCase()}`}, ...options);
    select.addEventListener("change", () => set(select.value));
    return element("label", {}, `${label} `, select);
  };
  const swap = element("button", {type: "button", class: "fb-button", onclick: () => change(after, before)}, "Swap");
  return element(
    "section",
    {class: "fb-card fb-compared", "aria-label": "What is compared"},
    pick("Before", before, (name) => change(name, after)),
    pick("After", after, (name) => change(before, name)),
    swap,
    element(
      "p",
      {class: "fb-note"},
      `A flow counts where it began; all other fields of the filter hold for both sides. Shares of flows are compared, so that sides may be of different length. Chance is what is left if each flow came by itself (binomial): a group grew or shrank where its share is more than ${leastDeviations} standard deviations from what the other side leads to expect, and at least ${leastRatio} times the other. Flows often come in bursts, which this does not know: read small differences with care.`
    )
  );
}

function cards(notebook: Notebook, sides: Sides): readonly HTMLElement[] {
  const wide = (card: HTMLElement) => element("div", {class: "fb-wide"}, card);
  const board = element(
    "div",
    {class: "fb-board"},
    wide(
      recordChart(notebook, {
        question: serviceMix(sides),
        note: `Share of flows by service: ${visibleText(sides.before.label)} (grey), then ${visibleText(sides.after.label)} (colour).`,
        draw: ({rows}, {width}) => ({node: drawMix(notebook, rows, width)})
      })
    ),
    ...comparedBy.map((by) => wide(differenceList(notebook, differences(by, sides), notes[by])))
  );
  return [
    recordFigures(notebook, compareFigures(sides), {
      new_hosts: () => "no flow before",
      gone_hosts: () => "no flow after",
      moved: () => "new, gone, grown or shrunk"
    }),
    nothingToCompare(notebook, sides, board),
    board
  ];
}

/** What differs surely; what chance may explain, such as the ports of a scan, when it is asked for. */
function differenceList(notebook: Notebook, question: RecordQuestion, note: string): HTMLElement {
  let isAll = false;
  let redraw = () => {};
  const chance = placeOf(question.columns, "chance");
  return recordChart(notebook, {
    question,
    note,
    none,
    controls(draw) {
      redraw = draw;
      return [];
    },
    draw(answer) {
      const sure = answer.rows.filter((row) => row[chance] === "no");
      const more = answer.rows.length - sure.length;
      const rows = isAll ? answer.rows : sure;
      const words = isAll
        ? "Only what is surer"
        : `${formatCount(more)} ${sure.length > 0 ? "more " : ""}that chance may explain`;
      const all = element("button", {type: "button", class: "fb-link-button", "data-testid": "by-chance"}, words);
      all.addEventListener("click", () => {
        isAll = !isAll;
        redraw();
      });
      const shown =
        rows.length === 0
          ? element("p", {class: "fb-empty"}, none)
          : plainTable(notebook, question.columns, {...answer, rows}, question.title, {blankZeros: true});
      return {node: element("div", {}, shown, more > 0 && element("p", {}, all))};
    }
  });
}

/** Beside nothing everything would be new: says so in place of the lists. */
function nothingToCompare(notebook: Notebook, sides: Sides, board: HTMLElement): HTMLElement {
  const node = element("p", {class: "fb-card fb-empty", "data-testid": "nothing-to-compare", hidden: true});
  notebook.follow(node, () => {
    const [{rows}] = notebook.stated([statementOf(notebook, compareFigures(sides), figuresWidth)]);
    const [before, after] = rows[0] as number[];
    const empty = [...(before === 0 ? [sides.before] : []), ...(after === 0 ? [sides.after] : [])];
    node.hidden = empty.length === 0;
    board.hidden = empty.length > 0;
    const names = empty.map(({label}) => `“${visibleText(label)}”`).join(" or ");
    node.textContent = `There is no flow in ${names}, so there is nothing to compare with. Choose another side, or widen the filter.`;
  });
  return node;
}

const notes = {
  service:
    "By application protocol. “May be” in the last column: so few flows that chance alone could make them new or gone.",
  host: "Hosts at either end of a flow.",
  port: "Ports of responders.",
  name: "Server names of TLS and QUIC, and hosts of HTTP."
} as const;
