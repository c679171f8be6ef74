import type {DuckDBConnection, DuckDBInstance} from "@duckdb/node-api";
import {quoted} from "../../schema/ddl.ts";
import {type QueryBounds, QueryLimit, stopAfter} from "./query-limit.ts";
import {checkReadOnly} from "./statement-check.ts";

/** A table that a statement begins with: `WITH name AS (select)`. */
export interface FirstTable {
  readonly name: string;
  readonly select: string;
  /** A query of as many rows that costs less, where there is one: what has too many is not made at all then. */
  readonly counted?: string;
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
  /** Null where any will do: nothing is kept for it. */
  readonly connection: DuckDBConnection | null;
  readonly sql: string;
}

/** Values that are kept at most, rows by columns: some 17 bytes each. */
interface MostValues {
  /** Of one selection, or of a table that is made of it. */
  readonly ofOne: number;
  readonly ofAll: number;
}

const defaultMost: MostValues = {ofOne: 9_600_000, ofAll: 16_800_000};
/** Selections that are known to have more. */
const mostWide = 200;
/** Tables that are made of one selection, of which each page has one or two. */
const mostMade = 4;

interface Kept {
  readonly connection: DuckDBConnection;
  values: number;
  /** Tables made of its rows, by what makes them, the latest used last. */
  readonly made: Map<string, MadeTable>;
}

interface MadeTable {
  readonly name: string;
  readonly values: number;
}

/**
 * What the charts of pages all select from the lake, kept as a table of a connection of its own: dozens of
 * statements over it then cost less than two over the files. Nobody else sees the table.
 */
export class KeptRecords {
  readonly #instance: DuckDBInstance;
  readonly #kept = new Map<string, Kept>();
  readonly #wide = new Set<string>();
  readonly #most: MostValues;

  constructor(instance: DuckDBInstance, most = defaultMost) {
    this.#instance = instance;
    this.#most = most;
  }

  /**
   * The statement over what is kept of its tables; where all of them have too many rows, one over the lake, of which a table that
   * it asks several times is read as often in place of being held. Throws as its statement does.
   */
  async of({tables, rest}: OverRecords, bounds: QueryBounds, timeoutMs: number): Promise<KeptStatement> {
    const [first, second] = tables;
    const kept = await this.#keep(first, bounds, timeoutMs);
    if (kept === null) {
      if (second === undefined) return {connection: null, sql: `${withTable(first)}${restOf(rest)}`};
      // What is made of many rows may have few.
      const alone = {name: second.name, select: `${withTable(first)}\nSELECT * FROM (\n${second.select}\n) AS made`};
      return this.of({tables: [alone], rest}, bounds, timeoutMs);
    }
    const {connection} = kept;
    if (second === undefined) return {connection, sql: rest};
    const made = await this.#makeOf(kept, tables, bounds, timeoutMs);
    const table =
      made === null ? asTable(second) : `${second.name} AS NOT MATERIALIZED (SELECT * FROM ${quoted(made.name)})`;
    return {connection, sql: `WITH ${table}${restOf(rest)}`};
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
      const values = await this.#make(connection, first, bounds, timeoutMs).catch(wideWhereTooLarge);
      if (values > this.#most.ofOne) {
        connection.closeSync();
        return this.#tooWide(key);
      }
      const kept = {connection, values, made: new Map<string, MadeTable>()};
      this.#kept.set(key, kept);
      this.#makeRoom();
      return kept;
    } catch (error) {
      connection.closeSync();
      throw error;
    }
  }

  /** The table that is made of a selection; null where it has too many rows. */
  async #makeOf(
    kept: Kept,
    tables: readonly FirstTable[],
    bounds: QueryBounds,
    timeoutMs: number
  ): Promise<MadeTable | null> {
    const {connection, made} = kept;
    const {select} = tables[1];
    const known = made.get(select);
    if (known) {
      made.delete(select);
      made.set(select, known);
      return known;
    }
    if (this.#wide.has(wideKey(tables))) return null;
    // The same names with each selection: statements over them are the same texts, which have been checked.
    const taken = new Set([...made.values()].map((table) => table.name));
    const name = Array.from({length: mostMade + 1}, (_, k) => `made_${k}`).find((each) => !taken.has(each)) as string;
    const values = await this.#make(connection, {name, select}, bounds, timeoutMs).catch(wideWhereTooLarge);
    if (values > this.#most.ofOne) {
      await connection.run(`DROP TABLE IF EXISTS ${quoted(name)}`);
      return this.#tooWide(wideKey(tables));
    }
    const table = {name, values};
    made.set(select, table);
    kept.values += values;
    const [oldest, first] = made.entries().next().value as [string, MadeTable];
    if (made.size > mostMade) {
      made.delete(oldest);
      kept.values -= first.values;
      await connection.run(`DROP TABLE ${quoted(first.name)}`);
    }
    this.#makeRoom(kept);
    return table;
  }

  /** Makes the table where it has no more than the most values; how many it has, or more than the most. */
  async #make(
    connection: DuckDBConnection,
    {name, select, counted}: FirstTable,
    bounds: QueryBounds,
    timeoutMs: number
  ): Promise<number> {
    const limit = stopAfter(connection, timeoutMs, bounds.signal);
    try {
      if (!bounds.isOurs) await checkReadOnly(connection, select);
      const count = async (of: string) =>
        Number((await (await connection.run(`SELECT count(*) FROM ${of} AS counted`)).getRows())[0][0]);
      const prepared = await connection.prepare(select);
      const columns = prepared.columnCount;
      prepared.destroySync();
      const most = Math.floor(this.#most.ofOne / columns);
      // Without its columns it costs little to know how many rows there are; sums are small, and they and joins would cost twice.
      const isSummed = /^\s*WITH\b/i.test(select);
      const isMadeFirst = isSummed || (counted === undefined && /\bJOIN\b/i.test(select));
      const rows = isMadeFirst ? 0 : await count(`(\n${counted ?? select}\n)`);
      if (rows > most) return Number.POSITIVE_INFINITY;
      const limited = isMadeFirst ? `SELECT * FROM (\n${select}\n) AS made LIMIT ${most + 1}` : select;
      // Of every batch of flows a filter leaves a few rows; to append so few costs up to twice as much as to collect them first.
      const filled = isSummed ? limited : `WITH filled AS MATERIALIZED (\n${limited}\n) SELECT * FROM filled`;
      await connection.run(`CREATE OR REPLACE TEMP TABLE ${quoted(name)} AS ${filled}`);
      const has = isMadeFirst ? await count(quoted(name)) : rows;
      return has > most ? Number.POSITIVE_INFINITY : has * columns;
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

  /** Forgets those that were used longest ago, but for one that is being used. */
  #makeRoom(used?: Kept): void {
    let values = [...this.#kept.values()].reduce((sum, kept) => sum + kept.values, 0);
    for (const [oldest, kept] of this.#kept) {
      if (values <= this.#most.ofAll) return;
      if (kept === used) continue;
      this.#kept.delete(oldest);
      kept.connection.closeSync();
      values -= kept.values;
    }
  }
}

/** What does not fit into memory counts as too many rows. */
function wideWhereTooLarge(error: unknown): number {
  if (error instanceof QueryLimit && error.cap === "memory") return Number.POSITIVE_INFINITY;
  throw error;
}

const asTable = ({name, select}: FirstTable) => `${name} AS (\n${select}\n)`;

/** DuckDB would hold all columns of flows that are asked more than once; records that are joined to them are left to it. */
const withTable = ({name, select}: FirstTable) =>
  `WITH ${name} AS ${name === "selected" ? "NOT MATERIALIZED " : ""}(\n${select}\n)`;

/** The rest of a statement behind tables. */
const restOf = (rest: string) => (rest.startsWith("WITH ") ? `,\n${rest.slice(5)}` : `\n${rest}`);

const wideKey = (tables: readonly FirstTable[]) => tables.map(asTable).join(",\n");
