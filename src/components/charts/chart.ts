import type {Answer, Asked} from "../../lib/question.js";
import {element} from "../page/element.js";
import {noFlows, nothingMatches} from "../page/empty.js";
import type {Notebook} from "../page/notebook.js";
import {answerTable} from "./answer-table.js";
import {chartMenu} from "./chart-menu.js";
import {type LegendItem, legendButton} from "./legend-button.js";

/** What a chart draws into, and what it was told by its reader. */
export interface Box {
  readonly notebook: Notebook;
  /** Pixels; charts adapt to it. */
  readonly width: number;
  /** Names of groups that the reader switched off in the legend. */
  readonly hidden: ReadonlySet<string>;
}

export interface Drawing {
  readonly node: Element;
  /** Shown as buttons that switch a group off and on; also drawn into exported images. */
  readonly legend?: readonly LegendItem[];
}

export interface ChartOptions {
  /** kebab-case and the same for ever: `data-testid` is `chart-<id>`. */
  readonly id: string;
  readonly title: string;
  /** One line below the title: unit, and how it is counted. */
  readonly note?: string | ((notebook: Notebook) => string);
  ask(notebook: Notebook, width: number): Asked;
  draw(answer: Answer, box: Box): Drawing;
  /** The SQL behind the strip of lost packets; null where none is drawn. */
  lossSql?(notebook: Notebook, width: number): string | null;
  /** Switches that stand beside the menu; they call `redraw`. */
  controls?(redraw: () => void): readonly Element[];
  /** Whether there is something to draw; by default: any row. */
  isEmpty?(answer: Answer): boolean;
  /** What is said where flows match and there is nothing to draw. */
  readonly nothing?: string;
}

/** A titled card that draws a question's answer again whenever the filter or its own width changes. */
export function chart(notebook: Notebook, options: ChartOptions): HTMLElement {
  const hidden = new Set<string>();
  const note = element("p", {class: "fb-note"});
  const body = element("div", {class: "fb-chart-body"});
  const legend = element("div", {class: "fb-legend", role: "group", "aria-label": `${options.title}: shown groups`});
  let view: "chart" | "table" = "chart";
  let width = 0;
  let legendItems: readonly LegendItem[] = [];
  /** What is drawn now. */
  let shown: Answer = {columns: [], rows: []};

  const draw = () => {
    if (width === 0) return;
    note.textContent = typeof options.note === "function" ? options.note(notebook) : (options.note ?? "");
    note.hidden = note.textContent === "";
    if (notebook.isEmpty) return show(noFlows());
    const asked = options.ask(notebook, width);
    const answer = notebook.answer(asked);
    shown = answer;
    if (options.isEmpty?.(answer) ?? answer.rows.length === 0)
      return show(
        notebook.count() > 0
          ? element("p", {class: "fb-empty"}, options.nothing ?? "Nothing of this kind was seen.")
          : nothingMatches(notebook)
      );
    if (view === "table") return show(answerTable(notebook, answer, options.title));
    const drawing = options.draw(answer, {notebook, width, hidden});
    legendItems = drawing.legend ?? [];
    show(drawing.node);
  };
  const show = (node: Element) => {
    const focused = body.contains(document.activeElement);
    body.replaceChildren(node);
    // Who zooms by keyboard goes on by keyboard.
    if (focused) (body.querySelector("[tabindex='0']") as HTMLElement | null)?.focus();
    drawLegend(view === "chart" ? legendItems : []);
    legendItems = [];
  };
  let drawn = "";
  const drawLegend = (items: readonly LegendItem[]) => {
    shownLegend = items;
    const key = JSON.stringify(items);
    // Left alone where it is the same: the reader's focus may be in it.
    if (key !== drawn) legend.replaceChildren(...items.map((item) => legendButton(item, hidden, redraw)));
    drawn = key;
    legend.hidden = items.length === 0;
  };
  let shownLegend: readonly LegendItem[] = [];

  const menu = chartMenu({
    id: options.id,
    title: options.title,
    svg: () => body.querySelector("svg"),
    legend: () => shownLegend.filter(({name}) => !hidden.has(name)),
    answer: () => shown,
    sql: () => notebook.sql(options.ask(notebook, width || 640)),
    lossSql: () => options.lossSql?.(notebook, width || 640) ?? null,
    view: () => view,
    setView: (next) => {
      view = next;
      redraw();
    }
  });
  const title = element("h2", {id: `${options.id}-title`}, options.title);
  const controls = options.controls?.(() => redraw()) ?? [];
  const card = element(
    "section",
    {class: "fb-card fb-chart", "data-testid": `chart-${options.id}`, "aria-labelledby": title.id},
    element("header", {}, title, ...controls, menu),
    note,
    body,
    legend
  );
  new ResizeObserver(() => {
    const now = Math.floor(body.clientWidth);
    if (now === 0 || now === width) return;
    width = now;
    redraw();
  }).observe(body);
  const redraw = notebook.follow(card, draw);
  return card;
}

/** A row of buttons of which one is pressed. */
export function choice<T extends string>(
  label: string,
  choices: readonly (readonly [value: T, name: string])[],
  chosen: T,
  choose: (value: T) => void
): HTMLElement {
  const buttons = choices.map(([value, name]) => {
    const button = element(
      "button",
      {type: "button", "aria-pressed": String(value === chosen), "data-value": value},
      name
    );
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      choose(value);
    });
    return button;
  });
  return element("div", {class: "fb-choice", role: "group", "aria-label": label}, ...buttons);
}
