import {visibleText} from "./visible-text.js";

/** Something that a reader pinned, or wrote. Texts of strangers are as they came. */
export interface CaseEntry {
  readonly kind: "flow" | "incident" | "chart" | "note";
  /** What it is; of a note what it says. */
  readonly text: string;
  /** Where it is within the notebook, as `./flows.html#…`; absent of a note. */
  readonly href?: string;
  /** When it was pinned, in ms since 1970. */
  readonly atMs: number;
  /** What the reader says of it. */
  readonly remark?: string;
  /** Of a chart its numbers when it was pinned, the first rows of them. */
  readonly table?: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly (string | number | null)[])[];
  };
  /** Of a chart how it looked, as an SVG file; shown as a picture, in which no script runs. */
  readonly picture?: string;
}

/** Id of the element in which a report carries a case. */
export const carriedCaseId = "flowbook-case";

/** Entries at most, and rows of a chart. */
export const mostEntries = 200;
export const mostRows = 12;
/** Characters of a picture. */
export const mostPicture = 300_000;
const longest = 4000;
const kinds: readonly string[] = ["flow", "incident", "chart", "note"];

/**
 * The entries that a text holds, as it was kept or exported. Throws where it is no case; entries that make no sense are left
 * out, and so is every address that does not stay in the notebook.
 */
export function parseCase(text: string): readonly CaseEntry[] {
  const held = JSON.parse(text) as {entries?: unknown};
  if (!Array.isArray(held?.entries)) throw new Error("expected a case: JSON with a list named entries");
  return held.entries.flatMap((entry) => (isEntry(entry) ? [entry] : [])).slice(0, mostEntries);
}

function isEntry(entry: unknown): entry is CaseEntry {
  const {kind, text, href, atMs, remark, table, picture} = (entry ?? {}) as Partial<Record<keyof CaseEntry, unknown>>;
  const isText = (value: unknown) => typeof value === "string" && value.length <= longest;
  return (
    kinds.includes(String(kind)) &&
    isText(text) &&
    typeof atMs === "number" &&
    Number.isFinite(atMs) &&
    (href === undefined || (isText(href) && /^\.\/[\w-]+\.html(?:[?#]|$)/.test(String(href)))) &&
    (remark === undefined || isText(remark)) &&
    (table === undefined || isTable(table)) &&
    (picture === undefined ||
      (typeof picture === "string" && picture.length <= mostPicture && picture.startsWith("<svg ")))
  );
}

function isTable(table: unknown): boolean {
  const {columns, rows} = (table ?? {}) as {columns?: unknown; rows?: unknown};
  const isCell = (cell: unknown) => cell === null || ["string", "number"].includes(typeof cell);
  return (
    Array.isArray(columns) &&
    columns.every((name) => typeof name === "string") &&
    Array.isArray(rows) &&
    rows.length <= mostRows &&
    rows.every((row) => Array.isArray(row) && row.length === columns.length && row.every(isCell))
  );
}

export function caseText(entries: readonly CaseEntry[]): string {
  return JSON.stringify({flowbook: "case", version: 1, entries}, null, 2);
}

/** The case as Markdown, to be pasted into a report elsewhere. Links are to the notebook at `base`. */
export function caseMarkdown(entries: readonly CaseEntry[], base: string): string {
  const parts = entries.map((entry) => {
    const {kind, text, href, atMs, remark, table} = entry;
    if (kind === "note") return escaped(text);
    const link = href === undefined ? escaped(text) : `[${escaped(text)}](<${new URL(href, base).href}>)`;
    const head = `### ${kind[0].toUpperCase()}${kind.slice(1)}: ${link}`;
    const pinned = `Pinned ${new Date(atMs).toISOString().slice(0, 19)}Z.`;
    return [head, remark && escaped(remark), table && tableText(table), pinned].filter(Boolean).join("\n\n");
  });
  return `# Case\n\n${parts.join("\n\n")}\n`;
}

function tableText({columns, rows}: NonNullable<CaseEntry["table"]>): string {
  const line = (cells: readonly (string | number | null)[]) =>
    `| ${cells.map((cell) => escaped(cell === null ? "" : String(cell)).replaceAll("\n", " ")).join(" | ")} |`;
  return [line(columns), `|${columns.map(() => " --- |").join("")}`, ...rows.map(line)].join("\n");
}

/** Text that Markdown does not take for its own. */
const escaped = (text: string) => visibleText(text).replaceAll(/[\\`*_[\]<>|#]/g, "\\$&");
