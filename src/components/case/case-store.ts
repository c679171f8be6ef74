import {type CaseEntry, carriedCaseId, caseText, mostEntries, parseCase} from "../../lib/case.js";

const key = "flowbook case";
const changed: (() => void)[] = [];

/** What was pinned, in order; nothing where the browser keeps nothing. */
export function caseEntries(): readonly CaseEntry[] {
  try {
    const text = localStorage.getItem(key);
    return text === null ? [] : parseCase(text);
  } catch {
    return [];
  }
}

/** What the page itself carries of a case, in its author's order; nothing where it carries none. */
export function carriedEntries(): readonly CaseEntry[] {
  const text = document.getElementById(carriedCaseId)?.textContent;
  return text ? parseCase(text) : [];
}

/** Keeps the entries in this browser. Throws where it has no room for them. */
export function keepCase(entries: readonly CaseEntry[]): void {
  localStorage.setItem(key, caseText(entries.slice(0, mostEntries)));
  for (const call of changed) call();
}

/** Adds an entry; one that is there already goes nowhere. */
export function pin(entry: Omit<CaseEntry, "atMs">): void {
  const entries = caseEntries();
  const isThere =
    entry.href !== undefined && entries.some(({kind, href}) => kind === entry.kind && href === entry.href);
  if (!isThere) keepCase([...entries, {...entry, atMs: Date.now()}]);
}

/** Calls whenever the case changes, in this page or in another of the same notebook. */
export function onCase(call: () => void): void {
  changed.push(call);
  addEventListener("storage", (event) => event.key === key && call());
}
