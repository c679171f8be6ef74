import {addressKey} from "../../lib/address-key.js";
import {formatCount} from "../../lib/format.js";
import type {Answer, Cell} from "../../lib/question.js";
import type {CellKind, NamedCell} from "../../lib/records/record-source.js";
import {element} from "../page/element.js";
import {followWidth, leastChange} from "../page/follow-width.js";
import type {Notebook} from "../page/notebook.js";
import {asCard} from "./card-cells.js";
import type {ColumnChoice} from "./column-choice.js";
import {cellNode, cellText, isCounted, isNumeric, shortText} from "./record-cell.js";

const mostRows = 200;

const isLong = (cell: Cell) => typeof cell === "string" && cell.length > 24;

export interface PlainTableOptions {
  /** Makes the first column do what a click on its bar does. */
  readonly pick?: (row: readonly Cell[]) => void;
  /** Of its columns, as many as fit. */
  readonly choice?: ColumnChoice;
  /** None of something is left blank: another column says so. */
  readonly blankZeros?: boolean;
}

/** An answer as a table; hosts lead to their pages. */
export function plainTable(
  notebook: Notebook,
  columns: readonly NamedCell[],
  {rows}: Answer,
  caption: string,
  {pick, choice, blankZeros}: PlainTableOptions = {}
): HTMLElement {
  const isNone = (cell: Cell, kind: CellKind) => cell === null || (cell === 0 && isCounted(kind));
  choice?.withoutValues(columns.filter(({kind}, k) => rows.every((row) => isNone(row[k], kind))).map(({name}) => name));
  let sorted: {readonly at: number; readonly down: boolean} | null = null;
  /** Places of the columns that are shown. */
  const shown = () => columns.flatMap((column, k) => (!choice || choice.shown.includes(column) ? [k] : []));
  const head = element("thead", {});
  const body = element("tbody", {});
  const headOf = ({label, kind}: NamedCell, at: number) => {
    const isSorted = sorted?.at === at;
    const sort = () => {
      sorted = {at, down: isSorted ? !sorted?.down : isNumeric(kind)};
      draw();
      head.querySelector<HTMLElement>(`[data-at="${at}"]`)?.focus();
    };
    const button = element("button", {type: "button", class: "fb-link-button", "data-at": at, onclick: sort}, label);
    if (isSorted) button.append(sorted?.down ? " ↓" : " ↑");
    return element(
      "th",
      {
        scope: "col",
        class: isNumeric(kind) ? "fb-number" : null,
        "aria-sort": isSorted ? (sorted?.down ? "descending" : "ascending") : "none"
      },
      button
    );
  };
  const cellOf = (row: readonly Cell[], k: number) => {
    const {kind} = columns[k];
    if (k > 0 || !pick || kind === "host") return cellNode(notebook, kind, row[k]);
    const text = shortText(kind, cellText(kind, row[k], notebook.zone));
    return element("button", {type: "button", class: "fb-link-button", onclick: () => pick(row)}, text);
  };
  const lineOf = (row: readonly Cell[]) => asCard(rowOf(row));
  const rowOf = (row: readonly Cell[]) =>
    element(
      "tr",
      {},
      ...shown().map((k) => {
        const {kind, label} = columns[k];
        return element(
          "td",
          {
            "data-label": label,
            "data-kind": kind,
            "data-none": row[k] === null ? "" : null,
            class: isNumeric(kind) ? (row[k] === 0 && isCounted(kind) ? "fb-number fb-zero" : "fb-number") : null,
            title: isLong(row[k]) ? cellText(kind, row[k], notebook.zone) : null
          },
          blankZeros && row[k] === 0 && isCounted(kind) ? "" : cellOf(row, k)
        );
      })
    );
  const draw = () => {
    const ordered = sorted ? inOrder(rows, sorted.at, columns[sorted.at].kind, sorted.down) : rows;
    head.replaceChildren(element("tr", {}, ...shown().map((k) => headOf(columns[k], k))));
    body.replaceChildren(...ordered.slice(0, mostRows).map(lineOf));
  };
  draw();
  const node = element(
    "div",
    {class: "fb-table-scroll fb-plain", tabindex: 0, role: "region", "aria-label": `${caption}: table`},
    element("table", {class: "fb-table"}, element("caption", {class: "fb-hidden"}, caption), head, body),
    rows.length > mostRows &&
      element("p", {class: "fb-note"}, `The first ${mostRows} of ${formatCount(rows.length)} rows; the CSV has all.`)
  );
  if (!choice) return node;
  const fit = () => {
    choice.widthChanged();
    draw();
    while (choice.fit(node)) draw();
    choice.node.hidden = choice.isWhole;
  };
  followWidth(node, fit, leastChange);
  return node;
}

/** Unknown values come last, addresses as the numbers they are. */
function inOrder(
  rows: readonly (readonly Cell[])[],
  at: number,
  kind: CellKind,
  down: boolean
): readonly (readonly Cell[])[] {
  const keyOf = (cell: Cell) => (kind === "host" && cell !== null ? addressKey(String(cell)) : cell);
  return [...rows].sort((a, b) => {
    const [x, y] = [keyOf(a[at]), keyOf(b[at])];
    if (x === y) return 0;
    if (x === null || y === null) return x === null ? 1 : -1;
    return x < y === down ? 1 : -1;
  });
}
