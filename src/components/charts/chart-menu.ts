import {mostPicture, mostRows} from "../../lib/case.js";
import {toCsv} from "../../lib/csv.js";
import type {Answer} from "../../lib/question.js";
import {pin} from "../case/case-store.js";
import {element} from "../page/element.js";
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
  const {id, title, sql} = options;
  const button = element(
    "button",
    {
      type: "button",
      class: "fb-icon-button",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-label": `${title}: menu`,
      "data-testid": `menu-${id}`
    },
    "⋯"
  );
  const list = element("div", {class: "fb-menu", role: "menu", hidden: true, "aria-label": title});
  const root = element("div", {class: "fb-menu-root"}, button, list);

  const item = (name: string, what: string, run: () => void, enabled = true) => {
    const entry = element(
      "button",
      {type: "button", role: "menuitem", tabindex: -1, "data-value": what, disabled: !enabled},
      name
    );
    entry.addEventListener("click", () => {
      close();
      run();
    });
    return entry;
  };
  const open = () => {
    const image = options.view() === "chart" && options.svg() !== null;
    const lossSql = options.lossSql?.() ?? null;
    const answer = answerNow(options);
    const drawing = () => standaloneSvg(options.svg() as SVGSVGElement, title, options.legend());
    list.replaceChildren(
      options.view() === "chart"
        ? item("Show as table", "table", () => options.setView("table"))
        : item("Show as chart", "chart", () => options.setView("chart")),
      item(
        "Download CSV",
        "csv",
        () => answer && saveFile(`${id}.csv`, new Blob([toCsv(answer)], {type: "text/csv"})),
        answer !== null
      ),
      item("Download PNG", "png", async () => saveFile(`${id}.png`, await toPng(drawing())), image),
      item("Download SVG", "svg", () => saveFile(`${id}.svg`, new Blob([drawing()], {type: "image/svg+xml"})), image),
      ...(sql ? [item("SQL behind it", "sql", () => showSql(title, sql()))] : []),
      ...(lossSql === null
        ? []
        : [item("SQL of lost packets", "loss-sql", () => showSql(`${title}: lost packets`, lossSql))]),
      item("Link to this chart", "link", () => showLink(title, linkTo(id))),
      ...(hrefOf(id) ? [item("Pin to the case", "pin", () => pinChart(options, image ? drawing : null))] : [])
    );
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
    (list.firstElementChild as HTMLElement).focus();
  };
  const close = () => {
    if (list.hidden) return;
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
    button.focus();
  };
  button.addEventListener("click", () => (list.hidden ? open() : close()));
  root.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const entries = [...list.querySelectorAll<HTMLElement>("button:not(:disabled)")];
    const at = entries.indexOf(document.activeElement as HTMLElement);
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (step) entries[(at + step + entries.length) % entries.length].focus();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  root.addEventListener("focusout", ({relatedTarget}) => {
    if (list.hidden || root.contains(relatedTarget as Node | null)) return;
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
  });
  return root;
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
