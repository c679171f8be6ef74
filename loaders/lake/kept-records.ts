import type {DuckDBConnection, DuckDBInstance} from "@duckdb/node-api";
import {quoted} from "../../schema/ddl.ts";
import {type QueryBounds, QueryLimit, stopAfter} from "./query-limit.ts";
import {checkReadOnly} from "./statement-check.ts";

/** A table that a statement begins with: `WITH name AS (select)`. */
export interface FirstTable {
  readonly name: string;
  readonly select: string;
}

/** A statement in its parts: `WITH first AS (…), second AS (…) rest`. */
export interface OverRecords {
  /** One or two; the second may ask the first. */
  readonly tables: readonly FirstTable[];
  /** Asks the tables. */
  readonly rest: string;
}

/** Where a statement is to be run, and what is left of it there. */
export interface KeptStatement {
  readonly connection: DuckDBConnection;
  readonly sql: string;
}

/** Rows of one selection that are kept at most: some 300 bytes each. */
const mostRows = 400_000;
const mostRowsOfAll = 700_000;
/** Selections that are known to have more rows. */
const mostWide = 200;

interface Kept {
  readonly connection: DuckDBConnection;
  readonly rows: number;
  /** The latest table that was made of its rows. */
  second?: string;
}

/**
 * What the charts of pages all select from the lake, kept as a table of a connection of its own: dozens of
 * statements over it then cost less than two over the files. Nobody else sees the table.
 */
export class KeptRecords {
  readonly #instance: DuckDBInstance;
  readonly #kept = new Map<string, Kept>();
  readonly #wide = new Set<string>();

  constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  /** The statement over what is kept of its tables; null where all of them have too many rows. Throws as its statement does. */
  async of({tables, rest}: OverRecords, bounds: QueryBounds, timeoutMs: number): Promise<KeptStatement | null> {
    const [first, second] = tables;
    const kept = await this.#keep(first, bounds, timeoutMs);
    if (kept === null) {
      // What is made of many rows may have few.
      if (second === undefined) return null;
      const alone = {name: second.name, select: `WITH ${asTable(first)} SELECT * FROM (\n${second.select}\n) AS made`};
      return this.of({tables: [alone], rest}, bounds, timeoutMs);
    }
    const {connection} = kept;
    if (second === undefined) return {connection, sql: rest};
    const isWide = this.#wide.has(wideKey(tables));
    if (kept.second !== second.select && !isWide) {
      kept.second = undefined;
      const rows = await this.#make(connection, second, bounds, timeoutMs).catch(wideWhereTooLarge);
      if (rows <= mostRows) kept.second = second.select;
      else this.#tooWide(wideKey(tables));
    }
    const isMade = kept.second === second.select;
    return {connection, sql: isMade ? rest : `WITH ${asTable(second)}${rest.replace(/^WITH /, ",\n")}`};
  }

  /** Forgets everything: the lake has changed. */
  clear(): void {
    for (const {connection} of this.#kept.values()) connection.closeSync();
    this.#kept.clear();
    this.#wide.clear();
  }

  async #keep(first: FirstTable, bounds: QueryBounds, timeoutMs: number): Promise<Kept | null> {
    const key = wideKey([first]);
    const known = this.#kept.get(key);
    if (known) {
      // The latest used stay longest.
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known;
    }
    if (this.#wide.has(key)) return null;
    const connection = await this.#instance.connect();
    try {
      const rows = await this.#make(connection, first, bounds, timeoutMs).catch(wideWhereTooLarge);
      if (rows > mostRows) {
        connection.closeSync();
        return this.#tooWide(key);
      }
      const kept = {connection, rows};
      this.#kept.set(key, kept);
      this.#makeRoom();
      return kept;
    } catch (error) {
      connection.closeSync();
      throw error;
    }
  }

  /** Makes the table where it has no more than the most rows; how many it has. */
  async #make(
    connection: DuckDBConnection,
    {name, select}: FirstTable,
    bounds: QueryBounds,
    timeoutMs: number
  ): Promise<number> {
    const limit = stopAfter(connection, timeoutMs, bounds.signal);
    try {
      if (!bounds.isOurs) await checkReadOnly(connection, select);
      const count = async (of: string) =>
        Number((await (await connection.run(`SELECT count(*) FROM ${of} AS counted`)).getRows())[0][0]);
      // Without its columns it costs little to know how many rows there are; what sums others up is small, and costs twice.
      const isSum = /^\s*WITH\b/i.test(select);
      const rows = isSum ? 0 : await count(`(\n${select}\n)`);
      if (rows > mostRows) return rows;
      await connection.run(
        `CREATE OR REPLACE TEMP TABLE ${quoted(name)} AS SELECT * FROM (\n${select}\n) AS made LIMIT ${mostRows + 1}`
      );
      return isSum ? await count(quoted(name)) : rows;
    } catch (error) {
      throw limit.explain(error);
    } finally {
      limit.clear();
    }
  }

  #tooWide(key: string): null {
    if (this.#wide.size >= mostWide) this.#wide.clear();
    this.#wide.add(key);
    return null;
  }

  #makeRoom(): void {
    let rows = [...this.#kept.values()].reduce((sum, kept) => sum + kept.rows, 0);
    for (const [oldest, kept] of this.#kept) {
      if (rows <= mostRowsOfAll) return;
      this.#kept.delete(oldest);
      kept.connection.closeSync();
      rows -= kept.rows;
    }
  }
}

/** What does not fit into memory counts as too many rows. */
function wideWhereTooLarge(error: unknown): number {
  if (error instanceof QueryLimit && error.cap === "memory") return Number.POSITIVE_INFINITY;
  throw error;
}

const asTable = ({name, select}: FirstTable) => `${name} AS (\n${select}\n)`;

const wideKey = (tables: readonly FirstTable[]) => tables.map(asTable).join(",\n");
