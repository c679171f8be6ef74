import type {Stated} from "../../lib/answer-source.js";
import type {Asked} from "../../lib/ask.js";
import {type Carried, type CarriedTable, carriedId} from "../../lib/carried.js";
import {formatBytes, formatCount} from "../../lib/format.js";
import type {Answer} from "../../lib/question.js";
import {carriedBytes} from "./carried-file.js";
import {element} from "./element.js";

/**
 * The answer that a static page carries for a statement, as an Arrow IPC stream; a statement with inputs is asked in the
 * browser over the tables that the page carries. Throws where it carries neither, with the reason.
 */
export async function carriedAnswer(template: string, asked: Asked): Promise<Uint8Array> {
  const carried = carriedByPage();
  const answer = carried?.answers[template];
  if (answer) {
    if ("problem" in answer) throw new Error(answer.problem);
    return carriedBytes(answer.href);
  }
  const needs = carried?.needs[template];
  if (!carried?.duckdb || !needs)
    throw new Error("a static page answers the statements that it was built with; flowbook start answers any");
  for (const name of needs) {
    const table = carried.tables[name];
    if ("problem" in table) throw new Error(table.problem);
  }
  sayWhatTravels(carried);
  saySampled(carried, needs);
  const {askCarried} = await import("./carried-tables.js");
  return askCarried(carried, needs, asked);
}

/** Rows of a statement over the tables of records that the page carries. Throws where it carries none, with the reason. */
export async function carriedRows({sql}: Stated): Promise<Answer> {
  const carried = carriedByPage();
  if (!carried?.duckdb || !carried.records)
    throw new Error("this page carries no records; flowbook start asks the lake for them");
  for (const name of carried.records) {
    const table = carried.tables[name];
    if ("problem" in table) throw new Error(table.problem);
  }
  sayWhatTravels(carried);
  const {askCarried, cellsOf} = await import("./carried-tables.js");
  return cellsOf(await askCarried(carried, carried.records, {sql}));
}

function carriedByPage(): Carried | null {
  const text = document.getElementById(carriedId)?.textContent;
  return text ? (JSON.parse(text) as Carried) : null;
}

/** States once below the page which tables it brought, and their size. */
function sayWhatTravels({tables}: Carried): void {
  if (document.querySelector("[data-testid=carried-tables]")) return;
  const brought = Object.entries(tables)
    .filter((entry): entry is [string, CarriedTable] => !("problem" in entry[1]))
    .map(([name, table]) => `${name} (${rowsOf(table)}, ${table.columns} columns, ${formatBytes(table.bytes)})`);
  const words = `This page contains ${brought.join(", ")} and queries them in your browser.`;
  document.querySelector("main")?.append(element("p", {class: "fb-note", "data-testid": "carried-tables"}, words));
}

function rowsOf({rows, all = rows, isSampled}: CarriedTable): string {
  if (all <= rows) return `${formatCount(rows)} rows`;
  return `${formatCount(rows)} of ${formatCount(all)} rows, ${isSampled ? "a sample" : "the first ones"}`;
}

/** States once below the page's title which tables are samples: figures of them are not those of the lake. */
function saySampled({tables}: Carried, needs: readonly string[]): void {
  const sampled = needs.flatMap((name) => {
    const table = tables[name];
    return "problem" in table || !table.isSampled ? [] : `${name} has ${rowsOf(table)}`;
  });
  if (sampled.length === 0 || document.querySelector("[data-testid=sampled-tables]")) return;
  const words = `Here ${sampled.join(", ")}: what is asked of it counts these alone. flowbook start asks all.`;
  const note = element("p", {class: "fb-note", "data-testid": "sampled-tables"}, words);
  const title = document.querySelector("main h1");
  if (title) title.after(note);
  else document.querySelector("main")?.prepend(note);
}
