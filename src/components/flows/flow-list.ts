import {formatFilter} from "../../lib/filter.js";
import type {FlowTable} from "../../lib/flow-table.js";
import {formatCount} from "../../lib/format.js";
import {flowsSql} from "../../lib/sql.js";
import {visibleText} from "../../lib/visible-text.js";
import {showSql} from "../charts/text-dialog.js";
import {afterPress} from "../page/after-press.js";
import {element} from "../page/element.js";
import {noFlows, nothingMatches} from "../page/empty.js";
import {popover} from "../page/filter-bar.js";
import {keptView} from "../page/kept-view.js";
import type {Notebook} from "../page/notebook.js";
import {ColumnFit} from "./column-fit.js";
import {type FlowColumn, flowColumns, ofOneDay} from "./flow-columns.js";
import {FlowPages} from "./flow-pages.js";
import {flowPanel} from "./flow-panel.js";
import {saveFlows} from "./save-flows.js";

/** A row of the table, and one of the cards that stand in its place where the table would be cut. */
const [tableRow, cardRow] = [34, 98];
const narrowest = 560;
/** Of cells, of headings, and of addresses where they are long, in pixels. */
const [cellSize, headSize, longSize] = [13, 12.5, 12];
/** Browsers cannot place what lies deeper than some 33 million pixels. */
const deepest = 15_000_000;
/** So large a share of rows may have addresses that are cut. */
const fewLong = 0.2;
const spare = 8;
const columnsKey = "flowbook flow columns";

/** The flows of the filter as a table of which only the visible rows exist; sorted by its headings, opened by a click; `title`: where the page shows more. Begins with the largest, or with the earliest. */
export function flowList(notebook: Notebook, title?: string, first: "earliest" | "largest" = "largest"): HTMLElement {
  let columns = chosenColumns();
  const isLargest = first === "largest";
  const sortedBy = flowColumns.find(({id}) => id === (isLargest ? "bytes" : "ts_start")) as FlowColumn;
  const keptSort = keptView.get("sort of flows") as {id: string; down: boolean} | undefined;
  let sort: {column: FlowColumn; down: boolean} = keptSort
    ? {column: flowColumns.find(({id}) => id === keptSort.id) as FlowColumn, down: keptSort.down}
    : {column: sortedBy, down: isLargest};
  let pages: FlowPages | null = null;
  /** The list whose rows stand there: the one before, until rows of the new one come. */
  let drawn: FlowPages | null = null;
  let active = 0;
  /** The row that was opened before its flow was there. */
  let awaited: number | null = null;
  let rowHeight = tableRow;
  const total = () => pages?.total ?? 0;

  const header = element("div", {class: "fb-grid-row fb-grid-head", role: "row"});
  const body = element("div", {class: "fb-grid-body", role: "rowgroup"});
  const viewport = element(
    "div",
    {
      class: "fb-grid",
      role: "grid",
      tabindex: 0,
      "aria-label": "Flows: arrows to move, Enter to open",
      "data-testid": "flow-grid"
    },
    element("div", {role: "rowgroup", class: "fb-grid-heads"}, header),
    body
  );
  const keptOpen = keptView.get("open flow") as HTMLElement | undefined;
  const panel = element("div", {class: "fb-panel-place"}, keptOpen);
  const place = element("div", {});
  const problem = element("p", {class: "fb-problem", role: "alert", "data-tone": "bad"});
  const summary = element("summary", {}, "Columns");
  const picker = popover(
    element(
      "details",
      {class: "fb-pick", "data-testid": "columns"},
      summary,
      element("div", {class: "fb-pick-list", role: "group", "aria-label": "Columns"}, ...flowColumns.map(columnBox))
    )
  );
  const csv = element("button", {type: "button", class: "fb-button", "data-testid": "flows-csv"}, "CSV");
  const sql = element("button", {type: "button", class: "fb-button", "data-testid": "flows-sql"}, "SQL");
  const said = element(
    "p",
    {class: "fb-note"},
    "Flows active in the time window, with all their packets and bytes, also those outside it. Click a heading to sort, or a row for details."
  );
  const onPaper = element("p", {class: "fb-note fb-on-paper"});
  const node = element(
    "section",
    {class: "fb-card fb-flows", "aria-label": "Flows", "data-testid": "flows"},
    title !== undefined && element("h2", {}, title),
    element("header", {}, said, picker, csv, sql),
    problem,
    onPaper,
    place,
    panel
  );

  function columnBox(column: FlowColumn): HTMLElement {
    const box = element("input", {type: "checkbox", checked: columns.includes(column)});
    box.addEventListener("change", () => {
      columns = flowColumns.filter((other) => (other === column ? box.checked : columns.includes(other)));
      localStorage.setItem(columnsKey, columns.map(({id}) => id).join(","));
      drawHead();
      draw(true);
    });
    return element(
      "label",
      {},
      box,
      element(
        "span",
        {},
        column.id === "src_port" ? "Originator's port" : column.id === "dst_port" ? "Responder's port" : column.name
      )
    );
  }

  const depth = () => Math.min(deepest, total() * rowHeight);
  const widths = () => {
    const oneDay = ofOneDay(notebook);
    return columns.map(({width, widthWithDay}) => (oneDay ? width : (widthWithDay ?? width)));
  };
  /** Where addresses are long, they have all the room that the other columns' texts leave. */
  let hasLong = false;
  const fit = new ColumnFit();
  const isAddress = ({id}: FlowColumn) => id === "src_ip" || id === "dst_ip";
  const font = (size: number, weight = 400) => `${weight} ${size}px ${getComputedStyle(viewport).fontFamily}`;
  const template = () =>
    widths()
      .map((width, k) => {
        const need = fit.needOf(columns[k].id);
        if (!hasLong) return `minmax(${width}px, ${width}fr)`;
        return isAddress(columns[k]) ? `minmax(${width}px, ${need}fr)` : `${need}px`;
      })
      .join(" ");

  function drawHead(): void {
    header.style.gridTemplateColumns = template();
    // Heading and rows are as wide as each other, whatever stands in them.
    viewport.style.setProperty("--fb-grid-width", `${widths().reduce((sum, width) => sum + width, 0)}px`);
    header.replaceChildren(
      ...columns.map((column) => {
        const sorted = sort.column === column;
        const button = element(
          "button",
          {type: "button", tabindex: 0},
          column.name,
          sorted && element("span", {"aria-hidden": "true"}, sort.down ? " ↓" : " ↑")
        );
        button.addEventListener("click", () => {
          sort = {column, down: sorted ? !sort.down : column.number === true};
          keptView.set("sort of flows", {id: column.id, down: sort.down});
          list();
          drawHead();
          [...header.querySelectorAll("button")][columns.indexOf(column)]?.focus();
        });
        return element(
          "div",
          {
            role: "columnheader",
            class: column.number ? "fb-number" : null,
            "data-column": column.id,
            "aria-sort": sorted ? (sort.down ? "descending" : "ascending") : "none"
          },
          button
        );
      })
    );
  }

  /** Begins the list anew; the rows that are shown stay until others come. Equal ones lie in the order of time. */
  function list(count = total()): void {
    pages?.end();
    hasLong = false;
    fit.forget();
    const asked = {filter: notebook.filter, order: sort.column.id, down: sort.down};
    pages = new FlowPages(notebook.source, asked, count, (error) => {
      problem.textContent = error ? visibleText(error.message) : "";
      afterPress(() => {
        draw(true);
        if (awaited !== null) open(awaited);
      });
    });
    [active, awaited] = [0, null];
    viewport.scrollTop = 0;
    pages.show(0, Math.ceil(viewport.clientHeight / rowHeight) + spare);
  }

  /** How wide a text may be in a column: addresses lose their middle, since a network's hosts differ at the end. */
  function widthFor(column: FlowColumn, k: number): number {
    if (!isAddress(column)) return Number.POSITIVE_INFINITY;
    return rowHeight === cardRow ? viewport.clientWidth - 110 : (header.children[k]?.clientWidth ?? 0) - 14;
  }

  const textIn = (column: FlowColumn, {flows, row}: {flows: FlowTable; row: number}) =>
    timeless(column.text(flows, row, notebook.zone), column);

  /** Measures what some rows hold; true where columns are to be laid out anew. */
  function measure(begin: number, end: number): boolean {
    const before = hasLong;
    let isChanged = false;
    const long = new Set<number>();
    let seen = 0;
    const [cells, heads] = [font(cellSize), font(headSize, 600)];
    for (const column of columns) {
      // Room for the arrow of the order.
      isChanged = fit.see(column.id, `${column.name} ↓`, heads) || isChanged;
      for (let at = begin; at < end; at++) {
        const flow = pages?.at(at);
        if (!flow) continue;
        const text = textIn(column, flow);
        const isWider = fit.see(column.id, text, cells, column.color !== undefined);
        isChanged ||= isWider;
        seen = Math.max(seen, at - begin + 1);
        if (isAddress(column) && fit.widthOf(text, cells) > column.width) long.add(at);
      }
    }
    // One long address among many loses its middle, rather than all rows their room.
    hasLong ||= long.size > seen * fewLong;
    viewport.classList.toggle("fb-grid-long", hasLong);
    return hasLong && (isChanged || !before);
  }

  let [begun, ended] = [-1, -1];
  function draw(again = false): void {
    const top = viewport.scrollTop;
    // On paper it is as high as its rows.
    const visible = Math.ceil(Math.min(viewport.clientHeight, innerHeight) / rowHeight);
    const scrollable = Math.max(1, depth() - viewport.clientHeight);
    const from =
      depth() < total() * rowHeight
        ? Math.floor((top / scrollable) * Math.max(0, total() - visible + 1))
        : Math.floor(top / rowHeight);
    const [begin, end] = [Math.max(0, from - spare), Math.min(total(), from + visible + spare)];
    if (!again && begin === begun && end === ended) return;
    [begun, ended] = [begin, end];
    const offset = depth() < total() * rowHeight ? top - (from - begin) * rowHeight : begin * rowHeight;
    body.style.height = `${depth()}px`;
    // Few flows need no more room than their rows.
    viewport.style.maxHeight = `${depth() + header.offsetHeight + 3}px`;
    viewport.setAttribute("aria-rowcount", String(total() + 1));
    onPaper.textContent = `Flows ${formatCount(begin + 1)} to ${formatCount(end)} of ${formatCount(total())}, in the order of ${sort.column.name}${sort.down ? ", downwards" : ""}.`;
    pages?.show(begin, end);
    drawn = pages;
    let isWaiting = false;
    for (let at = begin; at < end && problem.textContent === ""; at++) isWaiting ||= !pages?.at(at);
    viewport.setAttribute("aria-busy", String(isWaiting));
    // Once there is room for them it stays, while the list is the same.
    if (measure(begin, end)) drawHead();
    const columnsTemplate = template();
    const room = columns.map(widthFor);
    const addressFont = font(hasLong && rowHeight !== cardRow ? longSize : cellSize);
    body.replaceChildren(
      ...Array.from({length: end - begin}, (_, i) => {
        const at = begin + i;
        const flow = pages?.at(at) ?? null;
        const line = element(
          "div",
          {
            class: flow ? "fb-grid-row" : "fb-grid-row fb-awaited",
            role: "row",
            id: `fb-row-${at}`,
            "aria-rowindex": at + 2,
            "aria-selected": String(at === active),
            "data-at": at,
            style: `top:${offset + i * rowHeight}px${rowHeight === cardRow ? "" : `;grid-template-columns:${columnsTemplate}`}`
          },
          ...columns.map((column, k) => {
            const color = flow && column.color?.(flow.flows, flow.row);
            const own = flow && column.title?.(flow.flows, flow.row);
            const text = flow && textIn(column, flow);
            const said = text && (room[k] === Number.POSITIVE_INFINITY ? text : fit.fitted(text, room[k], addressFont));
            const title = own || (said === text ? null : text);
            return element(
              "div",
              {
                role: "gridcell",
                class: column.number ? "fb-number" : null,
                "data-column": column.id,
                title
              },
              color && element("i", {style: `background:${color}`}),
              flow ? said : element("span", {class: "fb-awaited-cell"})
            );
          })
        );
        return line;
      })
    );
  }

  function move(to: number): void {
    active = Math.max(0, Math.min(total() - 1, to));
    if (depth() === total() * rowHeight) {
      const [top, bottom] = [active * rowHeight, (active + 2) * rowHeight];
      if (top < viewport.scrollTop) viewport.scrollTop = top;
      else if (bottom > viewport.scrollTop + viewport.clientHeight) viewport.scrollTop = bottom - viewport.clientHeight;
    }
    draw(true);
    viewport.setAttribute("aria-activedescendant", `fb-row-${active}`);
  }

  /** The day stands above the list where all flows are of one. */
  const timeless = (text: string, column: FlowColumn) =>
    column.widthWithDay !== undefined && ofOneDay(notebook) ? text.slice(11) : text;

  const open = (at: number, flow = pages?.at(at)) => {
    awaited = flow ? null : at;
    if (!flow) return;
    const opened = flowPanel(notebook, flow, () => {
      opened.remove();
      keptView.delete("open flow");
      viewport.focus();
    });
    panel.replaceChildren(opened);
    keptView.set("open flow", opened);
    opened.querySelector("button")?.focus();
  };
  viewport.addEventListener("scroll", () => draw());
  viewport.addEventListener("click", ({target}) => {
    const at = (target as Element).closest<HTMLElement>("[data-at]")?.dataset.at;
    if (at === undefined) return;
    // Who clicks while another order is on its way means the row that stands there.
    const flow = drawn?.at(Number(at)) ?? undefined;
    move(Number(at));
    open(Number(at), flow);
  });
  viewport.addEventListener("keydown", (event) => {
    if (event.target !== viewport) return;
    const page = Math.floor(viewport.clientHeight / rowHeight) - 2;
    const steps: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: total() - 1
    };
    if (event.key in steps) move(steps[event.key]);
    else if (event.key === "Enter") open(active);
    else return;
    event.preventDefault();
  });
  csv.addEventListener("click", () => {
    problem.textContent = "";
    saveFlows(notebook, {order: sort.column.id, down: sort.down}, columns).catch((error) => {
      problem.textContent = visibleText(error?.message ?? String(error));
    });
  });
  sql.addEventListener("click", () =>
    showSql("flows", flowsSql(notebook.filter, {model: notebook.facts.model}, "f.ts_start, f.flow_id"))
  );
  new ResizeObserver(() => {
    rowHeight = viewport.clientWidth < narrowest ? cardRow : tableRow;
    viewport.classList.toggle("fb-grid-cards", rowHeight === cardRow);
    afterPress(() => draw(true));
  }).observe(viewport);
  let listed = "";
  notebook.follow(node, () => {
    if (notebook.isPassing) return;
    const count = notebook.count();
    const shown = count > 0 ? viewport : notebook.isEmpty ? noFlows() : nothingMatches();
    if (place.firstChild !== shown) place.replaceChildren(shown);
    csv.disabled = count === 0;
    csv.title = `${formatCount(count)} rows, times in UTC`;
    const asked = formatFilter(notebook.filter);
    if (asked !== listed || pages === null) list(count);
    listed = asked;
    drawHead();
    draw(true);
  });
  return node;
}

function chosenColumns(): FlowColumn[] {
  const kept = localStorage.getItem(columnsKey)?.split(",");
  const usual = ({hidden, leastWindow = 0}: FlowColumn) => !hidden && innerWidth >= leastWindow;
  const chosen = flowColumns.filter((column) => (kept ? kept.includes(column.id) : usual(column)));
  return chosen.length ? chosen : flowColumns.filter(usual);
}
