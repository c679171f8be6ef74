import type {Answer, Cell} from "./question.js";

/**
 * An answer as CSV (RFC 4180, with a header). Texts that a spreadsheet would run as a formula (beginning with
 * `= + - @`, also in full width, tab or line end) get a `'` before them; NULL is an empty field.
 */
export function toCsv({columns, rows}: Answer): string {
  return [columns, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

function field(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
