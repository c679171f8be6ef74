import {FileAttachment} from "observablehq:stdlib";
import {type CaptureFacts, captureFacts, coveredSpans} from "../../lib/captures.js";
import {evaluate} from "../../lib/evaluate.js";
import {everything, type Filter, formatFilter, parseFilter, withFields} from "../../lib/filter.js";
import {type FlowTable, flowTable} from "../../lib/flow-table.js";
import type {Zone} from "../../lib/format.js";
import {type IncidentFacts, incidentFacts} from "../../lib/incidents.js";
import {type LossBucket, type LossStretch, lossByTime, lossStretches} from "../../lib/loss.js";
import {lossSql} from "../../lib/loss-sql.js";
import type {Answer, Asked, TimeGrid} from "../../lib/question.js";
import {type Selection, select} from "../../lib/selection.js";
import {toSql} from "../../lib/sql.js";
import {type Span, spanOf, windowOf} from "../../lib/time-grid.js";
import {useTheme} from "./theme.js";

/** A file of the lake that is left out, and the paths of captures, where known, whose rows were in it. */
export interface DamagedFile {
  readonly file: string;
  readonly problem: string;
  readonly captures: readonly string[];
}

/** What `data/notebook.json` says. */
export interface Facts {
  readonly model: string | null;
  readonly modelProblem: string | null;
  readonly anomalyThreshold: number | null;
  readonly demo: readonly string[];
  readonly damage: readonly DamagedFile[];
}

/** The data of a page with the filter that all of its charts share. */
export interface Notebook {
  readonly flows: FlowTable;
  readonly captures: readonly CaptureFacts[];
  readonly incidents: readonly IncidentFacts[];
  readonly facts: Facts;
  /** From the first to the last packet of all flows; null without flows. */
  readonly span: Span | null;
  readonly filter: Filter;
  readonly zone: Zone;
  /** Replaces fields of the filter; undefined removes one. While something is dragged, `passing` adds no step to the history. */
  narrow(fields: Filter, passing?: boolean): void;
  /** Lets everything pass. */
  reset(): void;
  setZone(zone: Zone): void;
  /** Calls `update` now and whenever filter or zone change, for as long as the element is on the page. */
  follow(element: Element, update: () => void): void;
  /** All of time that there is to choose from: of the chosen captures, or of all; null without flows. */
  extent(): Span | null;
  /** The window that time charts show. */
  window(): Span;
  selection(): Selection;
  answer(asked: Asked): Answer;
  sql(asked: Asked): string;
  /** The buckets in which the filter's captures lost packets, by time; its other fields do not matter. */
  loss(grid: TimeGrid): readonly LossBucket[];
  /** The SQL that gives the same; null where none lost any. */
  lossSql(grid: TimeGrid): string | null;
}

let opened: Promise<Notebook> | undefined;

/** Loads the page data once a page. The promise fails with what a reader can do about it. */
export function openNotebook(): Promise<Notebook> {
  useTheme();
  document.querySelector("#observablehq-sidebar-toggle")?.setAttribute("aria-label", "Show the list of pages");
  opened ??= load();
  return opened;
}

/** The notebook once it is there. Where it never is, the head of the page says why and the rest waits. */
export function notebookWhenOpen(): Promise<Notebook> {
  return openNotebook().catch(() => new Promise<Notebook>(() => {}));
}

async function load(): Promise<Notebook> {
  const [flows, captures, incidents, loss, facts] = await Promise.all([
    FileAttachment("../../data/flows.parquet").parquet(),
    FileAttachment("../../data/captures.parquet").parquet(),
    FileAttachment("../../data/incidents.parquet").parquet(),
    FileAttachment("../../data/loss.parquet").parquet(),
    FileAttachment("../../data/notebook.json").json()
  ]);
  return new PageNotebook(
    flowTable(flows),
    captureFacts(captures),
    incidentFacts(incidents),
    lossStretches(loss),
    facts as Facts
  );
}

const zoneKey = "flowbook zone";

class PageNotebook implements Notebook {
  readonly flows: FlowTable;
  readonly captures: readonly CaptureFacts[];
  readonly incidents: readonly IncidentFacts[];
  readonly facts: Facts;
  readonly span: Span | null;
  filter: Filter = parseFilter(location.hash);
  zone: Zone = localStorage.getItem(zoneKey) === "local" ? "local" : "utc";
  #followers: {element: Element; update: () => void; seen: boolean}[] = [];
  readonly #stretches: readonly LossStretch[];
  #selection: Selection | null = null;
  #answers = new Map<string, Answer>();
  #losses = new Map<string, readonly LossBucket[]>();
  #scheduled = false;
  readonly #onPopState = () => this.#set(parseFilter(location.hash));

  constructor(
    flows: FlowTable,
    captures: readonly CaptureFacts[],
    incidents: readonly IncidentFacts[],
    stretches: readonly LossStretch[],
    facts: Facts
  ) {
    this.flows = flows;
    this.captures = captures;
    this.incidents = incidents;
    this.#stretches = stretches;
    this.facts = facts;
    this.span = spanOf(flows);
    addEventListener("popstate", this.#onPopState);
    this.#carryFilter();
  }

  narrow(fields: Filter, passing = false): void {
    this.#go(withFields(this.filter, fields), passing);
  }

  reset(): void {
    this.#go(everything, false);
  }

  setZone(zone: Zone): void {
    this.zone = zone;
    localStorage.setItem(zoneKey, zone);
    this.#schedule();
  }

  follow(element: Element, update: () => void): void {
    this.#followers.push({element, update, seen: false});
    update();
  }

  extent(): Span | null {
    const {captures} = this.filter;
    const spans = captures ? coveredSpans(this.captures.filter(({sha256}) => captures.includes(sha256))) : [];
    const last = spans.at(-1);
    return last ? {from: spans[0].from, to: last.to + 1} : this.span;
  }

  window(): Span {
    return windowOf(this.extent() ?? {from: 0, to: 1}, this.filter);
  }

  selection(): Selection {
    this.#selection ??= select(this.flows, this.filter);
    return this.#selection;
  }

  answer(asked: Asked): Answer {
    const shared = asked.filter === this.filter;
    const key = shared ? `${asked.question.name} ${JSON.stringify(asked.grid)}` : "";
    const known = shared && this.#answers.get(key);
    if (known) return known;
    const answer = evaluate(this.flows, asked, shared ? this.selection() : undefined);
    if (shared) this.#answers.set(key, answer);
    return answer;
  }

  sql(asked: Asked): string {
    return toSql(asked, {model: this.facts.model});
  }

  loss(grid: TimeGrid): readonly LossBucket[] {
    const key = JSON.stringify(grid);
    const known = this.#losses.get(key);
    if (known) return known;
    const buckets = lossByTime(this.#stretches, this.filter, grid);
    this.#losses.set(key, buckets);
    return buckets;
  }

  lossSql(grid: TimeGrid): string | null {
    return this.loss(grid).length > 0 ? lossSql(this.filter, grid) : null;
  }

  #go(filter: Filter, passing: boolean): void {
    const text = formatFilter(filter);
    const same = text === formatFilter(this.filter);
    if (!same || !passing) {
      const url = text ? `#${text}` : location.pathname + location.search;
      if (passing || `#${text}` === (location.hash || "#")) history.replaceState(history.state, "", url);
      else history.pushState(null, "", url);
    }
    if (!same) this.#set(filter);
  }

  #set(filter: Filter): void {
    this.filter = filter;
    this.#selection = null;
    this.#answers.clear();
    this.#losses.clear();
    this.#schedule();
  }

  /** However often a filter changes while something is dragged, the page is drawn once a frame. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#followers = this.#followers.filter((follower) => {
        follower.seen ||= follower.element.isConnected;
        return follower.element.isConnected || !follower.seen;
      });
      // New data come with a notebook of their own; this one is then left to be forgotten.
      if (this.#followers.length === 0) return removeEventListener("popstate", this.#onPopState);
      for (const {update} of this.#followers) update();
      this.#carryFilter();
    });
  }

  /** The other pages are opened with the same filter. */
  #carryFilter(): void {
    const text = formatFilter(this.filter);
    for (const link of document.querySelectorAll<HTMLAnchorElement>("#observablehq-sidebar a[href], a[data-carry]"))
      if (link.origin === location.origin) link.hash = text;
  }
}
