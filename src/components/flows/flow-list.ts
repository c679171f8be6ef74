import {toCsv} from "../../lib/csv.js";
import {formatCount} from "../../lib/format.js";
import {flowsSql} from "../../lib/sql.js";
import {saveFile} from "../charts/save-file.js";
import {showSql} from "../charts/text-dialog.js";
import {element} from "../page/element.js";
import {noFlows, nothingMatches} from "../page/empty.js";
import {popover} from "../page/filter-bar.js";
import type {Notebook} from "../page/notebook.js";
import {type FlowColumn, flowColumns, ofOneDay} from "./flow-columns.js";
import {flowPanel} from "./flow-panel.js";

const rowHeight = 34;
/** Browsers cannot place what lies deeper than some 33 million pixels. */
const deepest = 15_000_000;
const spare = 8;
const columnsKey = "flowbook flow columns";

/** The flows of the filter as a table of which only the visible rows exist; sorted by its headings, opened by a click. */
export function flowList(notebook: Notebook): HTMLElement {
  let columns = chosenColumns();
  let sort: {column: FlowColumn; down: boolean} = {column: flowColumns[0], down: false};
  let rows: Uint32Array = new Uint32Array();
  let active = 0;

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
  const panel = element("div", {class: "fb-panel-place"});
  const place = element("div", {});
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
    "Flows that were active in the window, with all of their packets and bytes. Click a heading to sort, a row for everything known of it."
  );
  const node = element(
    "section",
    {class: "fb-card fb-flows", "aria-label": "Flows", "data-testid": "flows"},
    element("header", {}, said, picker, csv, sql),
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

  const depth = () => Math.min(deepest, rows.length * rowHeight);
  const template = () => {
    const oneDay = ofOneDay(notebook.flows, notebook.zone);
    return columns
      .map(({width, widthWithDay}) => (oneDay ? width : (widthWithDay ?? width)))
      .map((width) => `minmax(${width}px, ${width}fr)`)
      .join(" ");
  };

  function drawHead(): void {
    header.style.gridTemplateColumns = template();
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
          order();
          drawHead();
          draw(true);
          [...header.querySelectorAll("button")][columns.indexOf(column)]?.focus();
        });
        return element(
          "div",
          {
            role: "columnheader",
            class: column.number ? "fb-number" : null,
            "aria-sort": sorted ? (sort.down ? "descending" : "ascending") : "none"
          },
          button
        );
      })
    );
  }

  /** Sorting is stable: equal rows stay in the order of time. */
  function order(): void {
    rows = notebook.selection().rows.slice();
    if (sort.column.id === "ts_start") {
      if (sort.down) rows.reverse();
      return;
    }
    const compare = sort.column.compare(notebook.flows);
    rows.sort(sort.down ? (a, b) => compare(b, a) || a - b : (a, b) => compare(a, b) || a - b);
  }

  let first = -1;
  let last = -1;
  function draw(again = false): void {
    const top = viewport.scrollTop;
    const visible = Math.ceil(viewport.clientHeight / rowHeight);
    const scrollable = Math.max(1, depth() - viewport.clientHeight);
    const from =
      depth() < rows.length * rowHeight
        ? Math.floor((top / scrollable) * Math.max(0, rows.length - visible + 1))
        : Math.floor(top / rowHeight);
    const [begin, end] = [Math.max(0, from - spare), Math.min(rows.length, from + visible + spare)];
    if (!again && begin === first && end === last) return;
    [first, last] = [begin, end];
    const offset = depth() < rows.length * rowHeight ? top - (from - begin) * rowHeight : begin * rowHeight;
    body.style.height = `${depth()}px`;
    viewport.setAttribute("aria-rowcount", String(rows.length + 1));
    const columnsTemplate = template();
    body.replaceChildren(
      ...Array.from({length: end - begin}, (_, i) => {
        const at = begin + i;
        const row = rows[at];
        const line = element(
          "div",
          {
            class: "fb-grid-row",
            role: "row",
            id: `fb-row-${at}`,
            "aria-rowindex": at + 2,
            "aria-selected": String(at === active),
            "data-at": at,
            style: `top:${offset + i * rowHeight}px;grid-template-columns:${columnsTemplate}`
          },
          ...columns.map((column) => {
            const color = column.color?.(notebook.flows, row);
            const title = column.title?.(notebook.flows, row);
            return element(
              "div",
              {role: "gridcell", class: column.number ? "fb-number" : null, title: title || null},
              color && element("i", {style: `background:${color}`}),
              column.text(notebook.flows, row, notebook.zone)
            );
          })
        );
        return line;
      })
    );
  }

  function move(to: number): void {
    active = Math.max(0, Math.min(rows.length - 1, to));
    if (depth() === rows.length * rowHeight) {
      const [top, bottom] = [active * rowHeight, (active + 2) * rowHeight];
      if (top < viewport.scrollTop) viewport.scrollTop = top;
      else if (bottom > viewport.scrollTop + viewport.clientHeight) viewport.scrollTop = bottom - viewport.clientHeight;
    }
    draw(true);
    viewport.setAttribute("aria-activedescendant", `fb-row-${active}`);
  }

  const open = (at: number) => {
    panel.replaceChildren(
      flowPanel(notebook, rows[at], () => {
        panel.replaceChildren();
        viewport.focus();
      })
    );
    (panel.querySelector("button") as HTMLElement | null)?.focus();
  };
  viewport.addEventListener("scroll", () => draw());
  viewport.addEventListener("click", ({target}) => {
    const at = (target as Element).closest<HTMLElement>("[data-at]")?.dataset.at;
    if (at === undefined) return;
    move(Number(at));
    open(Number(at));
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
      End: rows.length - 1
    };
    if (event.key in steps) move(steps[event.key]);
    else if (event.key === "Enter") open(active);
    else return;
    event.preventDefault();
  });
  csv.addEventListener("click", () => {
    const cells = Array.from(rows, (row) => columns.map((column) => column.text(notebook.flows, row, "utc")));
    saveFile("flows.csv", new Blob([toCsv({columns: columns.map(({id}) => id), rows: cells})], {type: "text/csv"}));
  });
  sql.addEventListener("click", () =>
    showSql("flows", flowsSql(notebook.filter, {model: notebook.facts.model}, "f.ts_start, f.flow_id"))
  );
  new ResizeObserver(() => draw(true)).observe(viewport);
  notebook.follow(node, () => {
    order();
    active = 0;
    viewport.scrollTop = 0;
    const shown = rows.length > 0 ? viewport : notebook.flows.rows === 0 ? noFlows() : nothingMatches(notebook);
    if (place.firstChild !== shown) place.replaceChildren(shown);
    csv.disabled = rows.length === 0;
    csv.title = `${formatCount(rows.length)} rows, texts as shown, times in UTC`;
    drawHead();
    draw(true);
  });
  return node;
}

function chosenColumns(): FlowColumn[] {
  const kept = localStorage.getItem(columnsKey)?.split(",");
  const chosen = flowColumns.filter(({id, hidden}) => (kept ? kept.includes(id) : !hidden));
  return chosen.length ? chosen : flowColumns.filter(({hidden}) => !hidden);
}
