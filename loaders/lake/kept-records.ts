import type {DuckDBConnection, DuckDBInstance} from "@duckdb/node-api";
import {type QueryBounds, QueryLimit, stopAfter} from "./query-limit.ts";
import {checkReadOnly} from "./statement-check.ts";

/** A statement `WITH records AS (select) rest` in its two parts. */
export interface OverRecords {
  readonly select: string;
  /** Asks the table `records`. */
  readonly rest: string;
}

/** Rows of one selection that are kept at most: some 200 bytes each. */
const mostRows = 300_000;
const mostRowsOfAll = 400_000;
/** Selections that are known to have more rows. */
const mostWide = 200;

interface Kept {
  readonly connection: DuckDBConnection;
  readonly rows: number;
}

/**
 * What the charts of a page all select from the lake, kept as the table `records` of a connection of its own: a dozen
 * statements over it then cost less than two over the files. Nobody else sees the table.
 */
export class KeptRecords {
  readonly #instance: DuckDBInstance;
  readonly #kept = new Map<string, Kept>();
  readonly #wide = new Set<string>();

  constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  /** The connection with the selection's rows; null where they are too many. Throws as its statement does. */
  async of(select: string, bounds: QueryBounds, timeoutMs: number): Promise<DuckDBConnection | null> {
    const known = this.#kept.get(select);
    if (known) {
      // The latest used stay longest.
      this.#kept.delete(select);
      this.#kept.set(select, known);
      return known.connection;
    }
    if (this.#wide.has(select)) return null;
    const connection = await this.#instance.connect();
    const limit = stopAfter(connection, timeoutMs, bounds.signal);
    try {
      await checkReadOnly(connection, select);
      const count = async (of: string) =>
        Number((await (await connection.run(`SELECT count(*) FROM ${of} AS counted`)).getRows())[0][0]);
      // Without its columns it costs little to know how many rows there are; what sums others up is small, and costs twice.
      const isMade = /^\s*WITH\b/i.test(select);
      let rows = isMade ? 0 : await count(`(\n${select}\n)`);
      if (rows <= mostRows) {
        await connection.run(
          `CREATE TEMP TABLE records AS SELECT * FROM (\n${select}\n) AS made LIMIT ${mostRows + 1}`
        );
        if (isMade) rows = await count("records");
      }
      if (rows > mostRows) {
        connection.closeSync();
        return this.#tooWide(select);
      }
      this.#kept.set(select, {connection, rows});
      this.#makeRoom();
      return connection;
    } catch (error) {
      connection.closeSync();
      const explained = limit.explain(error);
      if (explained instanceof QueryLimit && explained.cap === "memory") return this.#tooWide(select);
      throw explained;
    } finally {
      limit.clear();
    }
  }

  /** Forgets everything: the lake has changed. */
  clear(): void {
    for (const {connection} of this.#kept.values()) connection.closeSync();
    this.#kept.clear();
    this.#wide.clear();
  }

  #tooWide(select: string): null {
    if (this.#wide.size >= mostWide) this.#wide.clear();
    this.#wide.add(select);
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
