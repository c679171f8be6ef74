import {element} from "../page/element.js";

/** Values that a row shows where it stands as a card. */
const mostLines = 5;

/** Letters of a text that is cut to three lines there. */
const longText = 90;

/**
 * Prepares a table's row for narrow windows, where it is a card: five values are shown, first those that are known and not
 * zero; cells with `data-late` stand back behind the others, one with `data-always` is shown beside them. The others
 * get `data-more`, and are shown on a tap on the button below them, unless the row opens in full elsewhere (`opens`). Long
 * texts are cut to three lines until then.
 */
export function asCard(row: HTMLTableRowElement, {opens = false} = {}): HTMLTableRowElement {
  const cells = [...row.cells].filter((cell) => !cell.hasAttribute("data-always") && !cell.hasAttribute("data-none"));
  const worth = (cell: HTMLTableCellElement) =>
    Number(cell.hasAttribute("data-late")) + 2 * Number(cell.classList.contains("fb-zero"));
  // The first names the card.
  const [head, ...others] = cells;
  const kept = new Set([head, ...[...others].sort((a, b) => worth(a) - worth(b)).slice(0, mostLines - 1)]);
  const more = cells.filter((cell) => !kept.has(cell));
  for (const cell of more) cell.dataset.more = "";
  const long = cells.filter((cell) => (cell.textContent ?? "").length > longText);
  for (const cell of long) wrapText(cell);
  if ((more.length === 0 && long.length === 0) || opens) return row;
  const words = more.length > 0 ? `${more.length} more` : "whole text";
  const button = element(
    "button",
    {
      type: "button",
      class: "fb-link-button",
      "aria-expanded": "false",
      onclick: () => {
        const isOpen = row.toggleAttribute("data-open");
        button.setAttribute("aria-expanded", String(isOpen));
        button.textContent = isOpen ? "less" : words;
      }
    },
    words
  );
  row.append(element("td", {class: "fb-card-more"}, button));
  return row;
}

/** Puts a cell's text, or that of the link or button that it is, into an element that can be cut. */
function wrapText(cell: HTMLTableCellElement): void {
  const {childNodes, firstElementChild} = cell;
  const holder = childNodes.length === 1 && firstElementChild ? firstElementChild : cell;
  holder.append(element("span", {class: "fb-cut"}, ...holder.childNodes));
}
