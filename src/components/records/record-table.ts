import {toCsv} from "../../lib/csv.js";
import {formatCount, formatTime} from "../../lib/format.js";
import type {Answer, Cell} from "../../lib/question.js";
import type {NamedCell, RecordSource} from "../../lib/records/record-source.js";
import {recordCountStated, recordRowsSql, recordRowsStated} from "../../lib/records/record-sql.js";
import {visibleText} from "../../lib/visible-text.js";
import {saveFile} from "../charts/save-file.js";
import {showSql} from "../charts/text-dialog.js";
import {hostLink} from "../hosts/host-link.js";
import {element} from "../page/element.js";
import {followWidth, leastChange} from "../page/follow-width.js";
import type {Notebook} from "../page/notebook.js";
import {isServed} from "../page/server-link.js";
import {asCard} from "./card-cells.js";
import {ColumnChoice} from "./column-choice.js";
import {cellText, isCounted, isNumeric, shortText} from "./record-cell.js";
import {nothingOf} from "./record-chart.js";
import {recordPanel} from "./record-panel.js";
import type {RecordSearch} from "./record-search.js";

const pageRows = 100;

/**
 * The records that pass the filter: searched, sorted by their headings, a hundred a page, saved as CSV. A click on a row
 * opens the record with its flow.
 */
export function recordTable(notebook: Notebook, source: RecordSource, search: RecordSearch): HTMLElement {
  const {title} = source;
  let order = "ts_us";
  let down = false;
  let page = 0;
  const first: readonly NamedCell[] = [{name: "ts_us", label: "Time", kind: "time"}, ...withEnds(source)];
  const choice = new ColumnChoice(
    source.name,
    [...first, ...source.columns],
    [...first, ...source.columns.filter(({rare}) => !rare)],
    () => redraw()
  );
  const input = element("input", {
    type: "search",
    value: search.text,
    placeholder: "Search in texts and addresses",
    "aria-label": `Search in ${title}`,
    maxlength: 300
  });
  const count = element("output", {class: "fb-note", "data-testid": "records-count"});
  const csv = element("button", {type: "button", class: "fb-button"}, "CSV");
  const sql = element("button", {type: "button", class: "fb-button", "data-testid": "records-sql"}, "SQL");
  const before = element("button", {type: "button", class: "fb-button"}, "Previous");
  const after = element("button", {type: "button", class: "fb-button"}, "Next");
  const place = element("div", {});
  const panel = element("div", {class: "fb-panel-place"});
  const pager = element("div", {class: "fb-buttons"}, before, after);
  const node = element(
    "section",
    {class: "fb-card fb-records", "aria-label": title, "data-testid": "records"},
    element("header", {}, element("h2", {}, title), choice.node, csv, sql),
    element("div", {class: "fb-record-tools"}, input, count),
    place,
    pager,
    panel
  );

  const context = () => ({model: notebook.facts.model});
  const asked = () => ({filter: notebook.filter, search: search.text, order, down});
  const draw = () => {
    node.hidden = notebook.isEmpty;
    if (node.hidden) return;
    const [{rows: counted}, answer] = notebook.stated([
      recordCountStated(source, notebook.filter, search.text, context()),
      recordRowsStated(source, {...asked(), limit: pageRows, offset: page * pageRows}, context())
    ]);
    const total = counted[0][0] as number;
    // A filter may leave less than what was paged to.
    if (page * pageRows >= total && page > 0) {
      page = 0;
      return draw();
    }
    const last = Math.min(total, (page + 1) * pageRows);
    count.textContent =
      total === 0 ? "none" : `${formatCount(page * pageRows + 1)}–${formatCount(last)} of ${formatCount(total)}`;
    before.disabled = page === 0;
    after.disabled = last >= total;
    pager.hidden = total <= pageRows;
    csv.disabled = total === 0;
    // What no record of this page has, needs no column.
    const told = answer.columns.filter((_, at) => answer.rows.some((row) => row[at] !== null));
    choice.withoutValues(total === 0 ? [] : answer.columns.filter((name) => !told.includes(name)));
    const {scrollLeft = 0} = place.firstElementChild ?? {};
    place.replaceChildren(
      total === 0 ? nothingOf(notebook, {source}, `No record contains “${visibleText(search.text)}”.`) : tableOf(answer)
    );
    while (total > 0 && choice.fit(place.firstElementChild as HTMLElement)) place.replaceChildren(tableOf(answer));
    if (place.firstElementChild) place.firstElementChild.scrollLeft = scrollLeft;
  };

  const tableOf = (answer: Answer) => {
    const {shown} = choice;
    const day = sameDay(notebook, answer);
    const at = shown.map(({name}) => answer.columns.indexOf(name));
    const lineOf = (row: readonly Cell[], n: number) =>
      element(
        "tr",
        {tabindex: 0, "data-row": n, "aria-label": "Open this record"},
        ...shown.map(({label, kind}, k) => {
          const cell = row[at[k]];
          const text = cellText(kind, cell, notebook.zone);
          const said = kind === "time" && day ? text.slice(11) : shortText(kind, text);
          const isLink = kind === "host" && cell !== null;
          return element(
            "td",
            {
              class: isNumeric(kind) ? (cell === 0 && isCounted(kind) ? "fb-number fb-zero" : "fb-number") : null,
              "data-label": label,
              "data-kind": kind,
              "data-none": cell === null ? "" : null,
              title: text.length > 22 || kind === "digest" ? text : null
            },
            isLink ? hostLink(String(cell), notebook.filter) : said
          );
        })
      );
    // A tap opens the record, with all that it has.
    const rows = answer.rows.map((row, n) => asCard(lineOf(row, n), {opens: true}));
    const open = (target: EventTarget | null) => {
      const line = (target as Element).closest<HTMLElement>("[data-row]");
      if (!line || (target as Element).closest("a")) return;
      for (const other of place.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
      line.setAttribute("aria-current", "true");
      const close = () => {
        panel.replaceChildren();
        line.focus();
      };
      panel.replaceChildren(
        recordPanel(notebook, source, answer.columns, answer.rows[Number(line.dataset.row)], close)
      );
      panel.querySelector("button")?.focus();
    };
    return element(
      "div",
      {class: "fb-table-scroll", tabindex: 0, role: "region", "aria-label": `${title}: table`},
      element(
        "table",
        {
          class: "fb-table",
          onclick: ({target}: MouseEvent) => open(target),
          onkeydown: ({key, target}: KeyboardEvent) => key === "Enter" && open(target)
        },
        element("caption", {class: "fb-hidden"}, `${title}${day ? ` of ${day}` : ""}`),
        element("thead", {}, element("tr", {}, ...shown.map(heading))),
        element("tbody", {}, ...rows)
      )
    );
  };

  const heading = ({name, label, kind}: NamedCell) => {
    const sorted = order === name;
    const button = element(
      "button",
      {type: "button", class: "fb-link-button", "data-sort": name},
      label,
      sorted && (down ? " ↓" : " ↑")
    );
    button.addEventListener("click", () => {
      [order, down, page] = [name, sorted ? !down : isNumeric(kind), 0];
      redraw();
    });
    return element(
      "th",
      {
        scope: "col",
        class: isNumeric(kind) ? "fb-number" : null,
        "aria-sort": sorted ? (down ? "descending" : "ascending") : "none"
      },
      button
    );
  };

  // Last of what draws: answers that are known already are drawn at once.
  const redraw = notebook.follow(node, draw);

  let isFirst = true;
  const fit = () => {
    choice.widthChanged();
    if (!isFirst || place.firstElementChild) redraw();
    isFirst = false;
  };
  followWidth(place, fit, leastChange);

  before.addEventListener("click", () => {
    page--;
    redraw();
  });
  after.addEventListener("click", () => {
    page++;
    redraw();
  });
  let typed: ReturnType<typeof setTimeout>;
  input.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(() => search.set(input.value), 150);
  });
  search.onChange(() => {
    if (input.value !== search.text) input.value = search.text;
    page = 0;
    redraw();
  });
  sql.addEventListener("click", () => showSql(title, recordRowsSql(source, asked(), context())));
  csv.addEventListener("click", () => {
    save(notebook, source.name, recordRowsSql(source, asked(), context())).catch((error) => {
      count.textContent = visibleText(error?.message ?? String(error));
    });
  });
  return node;
}

/** Who spoke, of records that do not say it themselves. */
function withEnds({columns}: RecordSource): NamedCell[] {
  if (columns.some(({kind}) => kind === "host")) return [];
  return [
    {name: "originator", label: "Originator", kind: "host"},
    {name: "responder", label: "Responder", kind: "host"}
  ];
}

/** The day, where all times are of one: it need not stand in each row. */
function sameDay({zone}: Notebook, {columns, rows}: Answer): string | null {
  const at = columns.indexOf("ts_us");
  const days = new Set(rows.map((row) => formatTime(row[at] as number, zone).slice(0, 10)));
  return days.size === 1 ? [...days][0] : null;
}

async function save(notebook: Notebook, name: string, sql: string): Promise<void> {
  if (!isServed()) {
    const answer = await notebook.source.stated(
      {
        over: [],
        sql: sql.replace("make_timestamp(ts_us) AS ts", "strftime(make_timestamp(ts_us), '%Y-%m-%d %H:%M:%S.%f') AS ts")
      },
      new AbortController().signal
    );
    return saveFile(`${name}.csv`, new Blob([toCsv(answer)], {type: "text/csv"}));
  }
  const response = await fetch("/api/query", {
    method: "POST",
    headers: {"content-type": "application/json"},
    body: JSON.stringify({sql, format: "csv"})
  });
  if (!response.ok) throw new Error((await response.json()).error);
  saveFile(`${name}.csv`, await response.blob());
}
