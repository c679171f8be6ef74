import type {Answer} from "../../lib/question.js";
import {afterPress} from "../page/after-press.js";
import {element} from "../page/element.js";
import {followWidth} from "../page/follow-width.js";
import {chartMenu} from "./chart-menu.js";
import {type LegendItem, legendButton} from "./legend-button.js";
import {hideTooltip} from "./tooltip.js";

/** What stands in a frame. */
export interface Drawing {
  readonly node: Element;
  /** Shown as buttons that switch a group off and on; also drawn into exported images. */
  readonly legend?: readonly LegendItem[];
}

export interface FrameOptions {
  /** kebab-case and the same for ever: `data-testid` is `chart-<id>`, and the link to the chart names it. */
  readonly id: string;
  readonly title: string;
  /** One line below the title: unit, and how it is counted. Asked for with every drawing. */
  note(): string;
  /** The chart, or what is said where there is nothing to draw. `hidden`: groups that the reader switched off. */
  draw(width: number, hidden: ReadonlySet<string>): Drawing;
  /** The same as a table; null where there is nothing to draw. */
  table(width: number): Element | null;
  /** The numbers of table and CSV. */
  answer(width: number): Answer;
  /** Absent where what is shown is not in the lake. */
  sql?(width: number): string;
  /** Null where the chart shows no lost packets. */
  lossSql?(width: number): string | null;
  /** Switches that stand beside the menu; they call `redraw`. */
  controls?(redraw: () => void): readonly Element[];
  /** Calls `draw` whenever there is something new to draw; returns what draws at another time. */
  follow?(card: HTMLElement, draw: () => void): () => void;
  /** Beside its own, for what belongs to one kind of chart. */
  readonly bodyClass?: string;
}

/** A chart's card: the frame that stored and live charts stand in. */
export interface ChartFrame {
  readonly card: HTMLElement;
  /** What the drawing stands in. */
  readonly body: HTMLElement;
  /** Pixels; 0 before it is on the page. */
  width(): number;
  /** Whether the chart is shown, and not its table. */
  showsChart(): boolean;
}

/** Width of what is exported before the chart was ever drawn. */
const unseenWidth = 640;

/**
 * A titled card with menu (table, CSV, PNG, SVG, SQL, link), note, chart and legend, drawn again whenever its width
 * changes or there is something new.
 */
export function chartFrame(options: FrameOptions): ChartFrame {
  const {id} = options;
  const hidden = new Set<string>();
  const note = element("p", {class: "fb-note"});
  const body = element("div", {class: `fb-chart-body ${options.bodyClass ?? ""}`.trim()});
  const legend = element("div", {class: "fb-legend", role: "group", "aria-label": `${options.title}: shown groups`});
  let view: "chart" | "table" = "chart";
  let width = 0;
  let shownLegend: readonly LegendItem[] = [];
  let drawnLegend = "";

  const draw = () => {
    if (width === 0) return;
    note.textContent = options.note();
    note.hidden = note.textContent === "";
    const table = view === "table" ? options.table(width) : null;
    const {node, legend = []} = table ? {node: table} : options.draw(width, hidden);
    show(node);
    drawLegend(legend);
  };
  const show = (node: Element) => {
    const before = body.querySelector(".fb-table-scroll");
    const {scrollTop = 0, scrollLeft = 0} = before ?? {};
    const focused = body.contains(document.activeElement) && document.activeElement !== body;
    body.replaceChildren(node);
    if (before) body.querySelector(".fb-table-scroll")?.scrollTo(scrollLeft, scrollTop);
    // Who zooms by keyboard goes on by keyboard.
    if (focused) body.querySelector<HTMLElement>("[tabindex='0']")?.focus({preventScroll: true});
  };
  const drawLegend = (items: readonly LegendItem[]) => {
    shownLegend = items;
    legend.hidden = items.length === 0;
    const key = JSON.stringify(items);
    // Left alone where it is the same: the reader's focus may be in it.
    if (key === drawnLegend) return;
    drawnLegend = key;
    legend.replaceChildren(...items.map((item) => legendButton(item, hidden, () => redraw())));
  };

  const {sql, lossSql} = options;
  const menu = chartMenu({
    id,
    title: options.title,
    svg: () => body.querySelector("svg"),
    legend: () => shownLegend.filter(({name}) => !hidden.has(name)),
    answer: () => options.answer(width || unseenWidth),
    sql: sql && (() => sql(width || unseenWidth)),
    lossSql: lossSql && (() => lossSql(width || unseenWidth)),
    view: () => view,
    setView: (next) => {
      view = next;
      hideTooltip();
      redraw();
    }
  });
  const title = element("h2", {id: `${id}-title`}, options.title);
  const card = element(
    "section",
    {class: "fb-card fb-chart", "data-testid": `chart-${id}`, "aria-labelledby": title.id},
    element("header", {}, title, ...(options.controls?.(() => redraw()) ?? []), menu),
    note,
    body,
    legend
  );
  let isSought = soughtChart() === id;
  followWidth(body, (now) => {
    width = now;
    afterPress(() => {
      redraw();
      if (isSought) card.scrollIntoView({block: "center"});
      isSought = false;
    });
  });
  const redraw = options.follow?.(card, draw) ?? draw;
  return {card, body, width: () => width, showsChart: () => view === "chart"};
}

/** The chart that the page's address names, as a link from a chart's menu does. */
function soughtChart(): string | null {
  return /[#&]chart=([a-z0-9-]+)/.exec(location.hash)?.[1] ?? null;
}
