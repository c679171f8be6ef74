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
    .map(
      ([name, {rows, all, columns, bytes}]) =>
        `${name} (${formatCount(rows)} ${all !== undefined && all > rows ? `of ${formatCount(all)} rows, the first ones` : "rows"}, ${columns} columns, ${formatBytes(bytes)})`
    );
  const words = `This page contains ${brought.join(", ")} and queries them in your browser.`;
  document.querySelector("main")?.append(element("p", {class: "fb-note", "data-testid": "carried-tables"}, words));
}
