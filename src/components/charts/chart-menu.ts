import {mostPicture, mostRows} from "../../lib/case.js";
import {toCsv} from "../../lib/csv.js";
import type {Answer} from "../../lib/question.js";
import {pin} from "../case/case-store.js";
import {type MenuEntry, menu} from "../page/menu.js";
import type {LegendItem} from "./legend-button.js";
import {saveFile} from "./save-file.js";
import {standaloneSvg, toPng} from "./standalone-svg.js";
import {showLink, showSql} from "./text-dialog.js";

export interface ChartMenuOptions {
  readonly id: string;
  readonly title: string;
  svg(): SVGSVGElement | null;
  legend(): readonly LegendItem[];
  answer(): Answer;
  /** Absent where what is shown is not in the lake. */
  sql?(): string;
  /** Null where the chart shows no lost packets. */
  lossSql?(): string | null;
  view(): "chart" | "table";
  setView(view: "chart" | "table"): void;
}

/** What the chart shows; null while it is on its way, and where it failed. */
function answerNow(options: ChartMenuOptions): Answer | null {
  try {
    return options.answer();
  } catch {
    return null;
  }
}

/** The button ⋯ of a chart with what can be had of it: table, CSV, PNG, SVG, the SQL behind it, a link to it. */
export function chartMenu(options: ChartMenuOptions): HTMLElement {
  const {id, title} = options;
  return menu({label: title, words: "⋯", testId: `menu-${id}`, buttonClass: "fb-icon-button"}, () =>
    entriesOf(options)
  );
}

function entriesOf(options: ChartMenuOptions): MenuEntry[] {
  const {id, title, sql} = options;
  const isDisabled = !(options.view() === "chart" && options.svg() !== null);
  const lossSql = options.lossSql?.() ?? null;
  const answer = answerNow(options);
  const drawing = () => standaloneSvg(options.svg() as SVGSVGElement, title, options.legend());
  const save = (kind: string, content: Blob) => saveFile(`${id}.${kind}`, content);
  return [
    options.view() === "chart"
      ? {words: "Show as table", value: "table", run: () => options.setView("table")}
      : {words: "Show as chart", value: "chart", run: () => options.setView("chart")},
    {
      words: "Download CSV",
      value: "csv",
      isDisabled: answer === null,
      run: () => answer && save("csv", new Blob([toCsv(answer)], {type: "text/csv"}))
    },
    {words: "Download PNG", value: "png", isDisabled, run: async () => save("png", await toPng(drawing()))},
    {
      words: "Download SVG",
      value: "svg",
      isDisabled,
      run: () => save("svg", new Blob([drawing()], {type: "image/svg+xml"}))
    },
    ...(sql ? [{words: "SQL behind it", value: "sql", run: () => showSql(title, sql())}] : []),
    ...(lossSql === null
      ? []
      : [{words: "SQL of lost packets", value: "loss-sql", run: () => showSql(`${title}: lost packets`, lossSql)}]),
    {words: "Link to this chart", value: "link", run: () => showLink(title, linkTo(id))},
    ...(hrefOf(id)
      ? [{words: "Pin to the case", value: "pin", run: () => pinChart(options, isDisabled ? null : drawing)}]
      : [])
  ];
}

/** Keeps the chart's link, its picture and the first of its numbers, as far as there is room; says on the button where there is none. */
function pinChart({id, title, answer}: ChartMenuOptions, drawn: (() => string) | null): void {
  const button = document.querySelector<HTMLElement>(`[data-testid="menu-${CSS.escape(id)}"]`);
  const entry = {kind: "chart" as const, text: title, href: hrefOf(id) ?? undefined, table: firstRows(answer)};
  const picture = drawn?.();
  try {
    try {
      pin({...entry, ...(picture && picture.length <= mostPicture && {picture})});
    } catch {
      pin(entry);
    }
  } catch {
    if (button) button.title = "The browser has no room for more in the case";
  }
}

function firstRows(answer: () => Answer) {
  try {
    const {columns, rows} = answer();
    return {columns, rows: rows.slice(0, mostRows)};
  } catch {
    return undefined;
  }
}

/** The chart's address within the notebook; null on a page of a folder, which other pages do not reach so. */
function hrefOf(id: string): string | null {
  const url = new URL(linkTo(id));
  const [whole, page = "index.html"] = /^\/([\w-]+\.html)?$/.exec(url.pathname) ?? [];
  return whole === undefined ? null : `./${page}${url.search}${url.hash}`;
}

/** The address of the page with its filter, and of the chart to scroll to. */
function linkTo(id: string): string {
  const filter = location.hash.replace(/^#/, "").replace(/(^|&)chart=[^&]*/, "");
  const base = location.href.split("#", 1)[0];
  return `${base}#${[...(filter ? [filter] : []), `chart=${id}`].join("&")}`;
}
