import type {Table} from "npm:apache-arrow";
import {Generators} from "observablehq:stdlib";
import {type Asked, askArrow, statementOf} from "../../lib/ask.js";
import {arrowTable} from "./arrow-table.js";
import {carriedAnswer} from "./carried-answers.js";
import {isServed, listen} from "./server-link.js";

/** The `sql` of a page: asks the lake; what stands in `${}` is bound. */
export interface Sql {
  (strings: TemplateStringsArray, ...values: readonly unknown[]): Promise<Table>;
  /** The same, whose queries are cancelled when `over` resolves, such as when their cell runs again. */
  until(over: Promise<unknown>): Sql;
}

/**
 * `sql` for a page, anew whenever the lake's data have changed, so that every cell that asks runs again. A static page has
 * its answers, or the tables they are made from, with it.
 */
export function lakeSql(page: string): AsyncGenerator<Sql> {
  return Generators.observe<Sql>((notify) => {
    notify(sqlOf(page));
    if (!isServed()) return;
    let known: string | null = null;
    listen({
      results(results) {
        const now = JSON.stringify(results.map(({sha256}) => sha256));
        if (known !== null && known !== now) notify(sqlOf(page));
        known = now;
      }
    });
    return undefined;
  });
}

function sqlOf(page: string, over?: Promise<unknown>): Sql {
  const ask = async (strings: TemplateStringsArray, ...values: readonly unknown[]): Promise<Table> => {
    // As it is written: a backslash in SQL is a backslash.
    const asked = {...statementOf(strings.raw, values), page};
    const template = strings.raw.join("?");
    return arrowTable(await (isServed() ? fromServer(asked, over) : carriedAnswer(template, asked)));
  };
  return Object.assign(ask, {until: (end: Promise<unknown>) => sqlOf(page, end)});
}

function fromServer(asked: Asked, over?: Promise<unknown>): Promise<Uint8Array> {
  const left = new AbortController();
  void over?.then(() => left.abort(new Error("its cell runs again")));
  return askArrow(asked, left.signal);
}
