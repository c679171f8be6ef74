import {FileAttachment} from "observablehq:stdlib";
import {type AnswerSource, keyOf, type Stated} from "../../lib/answer-source.js";
import {areOutside, type CaptureFacts, captureFacts, coveredSpans, type DataRow} from "../../lib/captures.js";
import {type Cube, cubeAnswer, cubeAsked, cubeOf, isOnGrid} from "../../lib/cube.js";
import {everything, type Filter, formatFilter, isEverything, parseFilter, withFields} from "../../lib/filter.js";
import type {Zone} from "../../lib/format.js";
import {type IncidentFacts, incidentFacts} from "../../lib/incidents.js";
import {KnownAnswers} from "../../lib/known-answers.js";
import {type LossBucket, type LossStretch, lossByTime, lossStretches} from "../../lib/loss.js";
import {lossSql} from "../../lib/loss-sql.js";
import type {Answer, Asked, TimeGrid} from "../../lib/question.js";
import {flowCount} from "../../lib/questions/flow-count.js";
import {servedAnswers} from "../../lib/served-answers.js";
import {toSql} from "../../lib/sql.js";
import {gridFor, type Span, windowOf} from "../../lib/time-grid.js";
import {aheadOf} from "../../lib/wider-answers.js";
import {afterPress} from "./after-press.js";
import {Asking} from "./asking.js";
import {beginWhere, keepAllOfTime} from "./begin-where.js";
import {carriedSource} from "./carried-source.js";
import {Followers} from "./followers.js";
import {isServed} from "./server-link.js";
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
  /** The past that flows are compared with; null where the lake has none. */
  readonly anomaly: {
    readonly rate: number;
    readonly flows: number;
    readonly captures: number;
    readonly isOfItself: boolean;
    readonly baseline: string | null;
  } | null;
  /** Flows of all captures. */
  readonly flows: number;
  /** From the first to just after the last packet of all flows; null without flows. */
  readonly span: Span | null;
  /** Classes that flows were given. */
  readonly classes: number;
  /** Differs where the lake's tables do. */
  readonly version: string;
  readonly demo: readonly string[];
  readonly damage: readonly DamagedFile[];
}

/** The data of a page with the filter that all of its charts share. */
export interface Notebook {
  readonly captures: readonly CaptureFacts[];
  readonly incidents: readonly IncidentFacts[];
  readonly facts: Facts;
  /** True where no flow was imported yet. */
  readonly isEmpty: boolean;
  /** True while a window is dragged: lists wait until it is let go. */
  readonly isPassing: boolean;
  /** From the first to the last packet of all flows; null without flows. */
  readonly span: Span | null;
  readonly filter: Filter;
  readonly zone: Zone;
  /** Replaces fields of the filter; undefined removes one. While something is dragged, `passing` adds no step to the history. */
  narrow(fields: Filter, passing?: boolean): void;
  /** Lifts the window; pages that are opened later then begin with all of time, too. */
  allOfTime(): void;
  /** Lets everything pass, all of time, too. */
  reset(): void;
  setZone(zone: Zone): void;
  /**
   * Calls `update` now and whenever filter or zone change, for as long as the element is on the page. Where it asks for
   * an answer that is not there yet, it is called again when it is; until then the element stays as it was. Returns what
   * calls it at another time.
   */
  follow(element: HTMLElement, update: () => void): () => void;
  /** A window is about to be drawn at the edges of this grid's buckets: asks ahead for what every step of it is added up from. */
  brush(grid: TimeGrid): void;
  /** A reader is about to narrow the filter by these fields: asks ahead for what follows from it. */
  ahead(fields: Filter): void;
  /** The buckets of time charts: of the window, or while it is dragged, those of the grid it is drawn on. */
  grid(buckets: number): TimeGrid;
  /** All of time that there is to choose from: of the chosen captures, or of all; null without flows. */
  extent(): Span | null;
  /** The window that time charts show. */
  window(): Span;
  /** The answer to a question; only within what `follow` calls. */
  answer(asked: Asked): Answer;
  /** Answers that are asked for together. */
  answers(asked: readonly Asked[]): Answer[];
  /** Rows of statements that `lib/records` makes; only within what `follow` calls. */
  stated(statements: readonly Stated[]): Answer[];
  /** How many flows pass the filter; only within what `follow` calls. */
  count(filter?: Filter): number;
  /** Flows, one flow, and what else is asked for when a reader wants it. */
  readonly source: AnswerSource;
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
  const [captures, incidents, loss, facts] = await Promise.all([
    FileAttachment("../../data/captures.json").json() as Promise<DataRow[]>,
    FileAttachment("../../data/incidents.json").json() as Promise<DataRow[]>,
    FileAttachment("../../data/loss.json").json() as Promise<DataRow[]>,
    FileAttachment("../../data/notebook.json").json()
  ]);
  // New data bring a notebook of their own, and every card anew: not while one of the old ones is pressed.
  await new Promise<void>(afterPress);
  const known = captureFacts(captures);
  const source = isServed() ? servedAnswers : carriedSource();
  const happened = incidentFacts(incidents);
  await beginWhere(known, happened, (facts as Facts).version, source);
  return new PageNotebook(known, happened, lossStretches(loss), facts as Facts, source);
}

/** A drag that stays where it is for so long is worth asking for. */
const restMs = 150;

const zoneKey = "flowbook zone";

class PageNotebook implements Notebook {
  readonly captures: readonly CaptureFacts[];
  readonly incidents: readonly IncidentFacts[];
  readonly facts: Facts;
  readonly source: AnswerSource;
  filter: Filter = parseFilter(location.hash);
  zone: Zone = localStorage.getItem(zoneKey) === "local" ? "local" : "utc";
  readonly #followers = new Followers(
    () => this.#isPassing,
    () => this.#drawnAnew(),
    () => this.#leave()
  );
  readonly #stretches: readonly LossStretch[];
  readonly #known: KnownAnswers;
  readonly #asking: Asking;
  /** The latest questions over the filter, by name. */
  readonly #drawn = new Map<string, Asked>();
  /** The grid that a window was last drawn on. */
  #brushed: TimeGrid | null = null;
  #isPassing = false;
  /** Keys of what was asked ahead. */
  readonly #ahead = new Set<string>();
  #losses = new Map<string, readonly LossBucket[]>();
  readonly #onPopState = () => this.#set(parseFilter(location.hash));

  readonly #keep = () => this.#known.keep();

  constructor(
    captures: readonly CaptureFacts[],
    incidents: readonly IncidentFacts[],
    stretches: readonly LossStretch[],
    facts: Facts,
    source: AnswerSource
  ) {
    this.captures = captures;
    this.incidents = incidents;
    this.#stretches = stretches;
    this.facts = facts;
    this.source = source;
    this.#known = new KnownAnswers(facts.version, sessionStorage);
    this.#asking = new Asking(source, this.#known, (key) => this.#followers.arrived(key));
    addEventListener("popstate", this.#onPopState);
    addEventListener("pagehide", this.#keep);
    this.#carryFilter();
  }

  get span(): Span | null {
    return this.facts.span;
  }

  get isPassing(): boolean {
    return this.#isPassing;
  }

  get isEmpty(): boolean {
    return this.facts.flows === 0;
  }

  brush(grid: TimeGrid): void {
    this.#brushed = grid;
    const asked = [...this.#drawn.values()].flatMap((each) => {
      const cube = cubeOf(each, grid);
      return cube ? cubeAsked(cube) : [];
    });
    this.#askAhead(asked);
  }

  ahead(fields: Filter): void {
    const drawn = [...this.#drawn.values(), {question: flowCount, filter: this.filter}];
    this.#askAhead(drawn.flatMap((each) => aheadOf(each, fields) ?? []));
  }

  #askAhead(asked: readonly Asked[]): void {
    for (const each of asked) this.#ahead.add(keyOf(each));
    // What is on its way is waited for when it is drawn.
    this.#asking.ask(asked);
  }

  grid(buckets: number): TimeGrid {
    const window = this.window();
    if (!this.#isPassing || !this.#brushed || !isOnGrid(this.filter, this.#brushed)) return gridFor(window, buckets);
    const {originUs, widthUs} = this.#brushed;
    const first = Math.max(0, Math.floor((window.from - originUs) / widthUs));
    const last = Math.ceil((window.to - originUs) / widthUs);
    return {originUs: originUs + first * widthUs, widthUs, count: Math.max(1, last - first)};
  }

  narrow(fields: Filter, passing = false): void {
    const filter = withFields(this.filter, fields);
    // Who chooses a capture of another time wants to see it: a window without any of it is lifted.
    const isElsewhere = fields.captures !== undefined && areOutside(this.captures, filter);
    this.#go(isElsewhere ? withFields(filter, {from: undefined, to: undefined}) : filter, passing);
  }

  allOfTime(): void {
    keepAllOfTime(this.facts.version);
    this.narrow({from: undefined, to: undefined});
  }

  reset(): void {
    keepAllOfTime(this.facts.version);
    this.#go(everything, false);
  }

  setZone(zone: Zone): void {
    this.zone = zone;
    localStorage.setItem(zoneKey, zone);
    this.#followers.schedule();
  }

  follow(element: HTMLElement, update: () => void): () => void {
    return this.#followers.add(element, update);
  }

  extent(): Span | null {
    const {captures} = this.filter;
    const chosen = captures ? this.captures.filter(({sha256}) => captures.includes(sha256)) : this.captures;
    // Captures of frames alone have a time, too.
    const spans = captures || !this.span ? coveredSpans(chosen) : [];
    const last = spans.at(-1);
    return last ? {from: spans[0].from, to: last.to + 1} : this.span;
  }

  window(): Span {
    return windowOf(this.extent() ?? {from: 0, to: 1}, this.filter);
  }

  answer(asked: Asked): Answer {
    return this.answers([asked])[0];
  }

  answers(asked: readonly Asked[]): Answer[] {
    const ways = asked.map((each) => {
      if (each.filter === this.filter) this.#drawn.set(each.question.name, each);
      const cube = this.#cubeFor(each);
      return {each, cube, parts: cube ? cubeAsked(cube) : [each]};
    });
    const answers = this.#asking.get(ways.flatMap(({parts}) => parts));
    return ways.map(({each, cube, parts}) => {
      const own = answers.splice(0, parts.length);
      return cube ? cubeAnswer(each, cube, own) : own[0];
    });
  }

  /** What a window that was drawn on a grid is added up from; null where the question is asked itself. */
  #cubeFor(asked: Asked): Cube | null {
    const {filter, grid} = asked;
    const brushed = this.#brushed;
    if (!brushed || (filter.from === undefined && filter.to === undefined) || !isOnGrid(filter, brushed)) return null;
    if (
      grid &&
      asked.question.time &&
      (grid.widthUs !== brushed.widthUs || (grid.originUs - brushed.originUs) % grid.widthUs !== 0)
    )
      return null;
    return cubeOf(asked, brushed);
  }

  stated(statements: readonly Stated[]): Answer[] {
    return this.#asking.get(statements);
  }

  count(filter = this.filter): number {
    if (isEverything(filter)) return this.facts.flows;
    return this.answer({question: flowCount, filter}).rows[0][0] as number;
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
    // When a drag ends, charts are drawn as finely as their width allows.
    if (this.#isPassing && !passing) this.#followers.schedule();
    this.#isPassing = passing;
    this.#asking.hold(passing ? restMs : 0);
    if (!same || !passing) {
      const url = text ? `#${text}` : location.pathname + location.search;
      if (passing || `#${text}` === (location.hash || "#")) history.replaceState(history.state, "", url);
      else history.pushState(null, "", url);
    }
    if (!same) this.#set(filter);
  }

  #set(filter: Filter): void {
    const {from: _, to: __, ...base} = filter;
    const {from: ___, to: ____, ...before} = this.filter;
    if (JSON.stringify(base) !== JSON.stringify(before)) {
      this.#ahead.clear();
      this.#drawn.clear();
    }
    this.filter = filter;
    this.#losses.clear();
    this.#followers.schedule();
  }

  #drawnAnew(): void {
    this.#asking.want(new Set([...this.#ahead, ...this.#followers.waits]));
    this.#carryFilter();
  }

  #leave(): void {
    removeEventListener("popstate", this.#onPopState);
    removeEventListener("pagehide", this.#keep);
    this.#asking.want(new Set());
  }

  /** The other pages are opened with the same filter. */
  #carryFilter(): void {
    const text = formatFilter(this.filter);
    for (const link of document.querySelectorAll<HTMLAnchorElement>("#observablehq-sidebar a[href], a[data-carry]"))
      if (link.origin === location.origin) link.hash = text;
  }
}
