import type {QueryEngine} from "../../schema/engine.ts";
import type {Answer, Asked, Cell} from "../../src/lib/question.js";
import {toSql} from "../../src/lib/sql.js";

/** Asks the lake a page's question; what the page answers from its own copy of the flows is the same. */
export function ask(engine: QueryEngine, asked: Asked, model: string | null): Promise<Answer> {
  return askSql(engine, toSql(asked, {model, spelling: engine.dialect}));
}

/** A statement's rows as an answer. */
export async function askSql(engine: QueryEngine, sql: string): Promise<Answer> {
  const {columns, rows} = await engine.query(sql);
  const cell = (value: (typeof rows)[number][number]): Cell =>
    typeof value === "bigint" ? Number(value) : typeof value === "boolean" ? Number(value) : value;
  return {columns: columns.map(({name}) => name), rows: rows.map((row) => row.map(cell))};
}
