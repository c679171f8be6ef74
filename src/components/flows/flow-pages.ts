import type {AnswerSource, FlowPage} from "../../lib/answer-source.js";
import type {FlowsAsked} from "../../lib/flow-page.js";
import type {FlowTable} from "../../lib/flow-table.js";

/** One flow of a list: a row of the page that it came with. */
export interface ListedFlow {
  readonly flows: FlowTable;
  readonly row: number;
}

const pageRows = 200;
/** Some 10,000 rows of a list are kept. */
const mostPages = 50;

/** The flows of a filter in an order, of which only the pages that are looked at are asked for. */
export class FlowPages {
  readonly total: number;
  readonly #source: AnswerSource;
  readonly #asked: Omit<FlowsAsked, "limit" | "after" | "offset">;
  readonly #arrived: (error: Error | null) => void;
  readonly #pages = new Map<number, FlowPage>();
  readonly #running = new Map<number, AbortController>();

  /** `arrived` is called when rows came that were asked for, or could not be had. */
  constructor(
    source: AnswerSource,
    asked: Omit<FlowsAsked, "limit" | "after" | "offset">,
    total: number,
    arrived: (error: Error | null) => void
  ) {
    this.#source = source;
    this.#asked = asked;
    this.total = total;
    this.#arrived = arrived;
  }

  /** The flow at a place of the list; null where it is not there yet. */
  at(place: number): ListedFlow | null {
    const page = this.#pages.get(Math.floor(place / pageRows));
    const row = place % pageRows;
    return page && row < page.flows.rows ? {flows: page.flows, row} : null;
  }

  /** Asks for the rows that a reader sees, and takes back what was asked for places that are out of sight. */
  show(begin: number, end: number): void {
    const [first, last] = [Math.floor(begin / pageRows), Math.floor(Math.max(begin, end - 1) / pageRows)];
    for (const [page, left] of this.#running) if (page < first || page > last) left.abort();
    for (let page = first; page <= last && page * pageRows < this.total; page++)
      if (!this.#pages.has(page) && !this.#running.has(page)) void this.#ask(page);
  }

  /** Nobody looks at it any more. */
  end(): void {
    for (const left of this.#running.values()) left.abort();
  }

  async #ask(page: number): Promise<void> {
    const left = new AbortController();
    this.#running.set(page, left);
    const cursor = this.#pages.get(page - 1)?.cursors.at(-1);
    const place = page === 0 ? {} : cursor ? {after: cursor} : {offset: page * pageRows};
    try {
      const rows = await this.#source.flows({...this.#asked, ...place, limit: pageRows}, left.signal);
      this.#pages.set(page, rows);
      if (this.#pages.size > mostPages) this.#pages.delete(this.#pages.keys().next().value as number);
      this.#running.delete(page);
      this.#arrived(null);
    } catch (error) {
      this.#running.delete(page);
      if (!left.signal.aborted) this.#arrived(error as Error);
    }
  }
}
