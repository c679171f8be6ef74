import type {NamedCell} from "../../lib/records/record-source.js";
import {element} from "../page/element.js";
import {popover} from "../page/filter-bar.js";

/** Columns that stay however narrow the table is: when, who, and what comes first. */
const leastColumns = 4;
/** A text is cut to so many pixels before a column is left out for it: a cell's title has all of it. */
const leastText = 190;
/** What the style sheet cuts texts to, without the padding of their cells. */
const [cutProperty, cellPadding] = ["--fb-text-most", 15];

/**
 * Which columns of a table are shown: as many of the usual ones as fit without scrolling, or those that the reader chose,
 * which this browser remembers.
 */
export class ColumnChoice {
  readonly node: HTMLDetailsElement;
  readonly #all: readonly NamedCell[];
  readonly #usual: readonly NamedCell[];
  readonly #key: string;
  readonly #summary = element("summary", {}, "Columns");
  readonly #list = element("div", {class: "fb-pick-list", role: "group", "aria-label": "Columns"});
  #chosen: readonly string[] | null;
  #left: ReadonlySet<string> = new Set();
  #valueless: ReadonlySet<string> = new Set();

  /** `changed` is called when the reader has chosen. */
  constructor(name: string, all: readonly NamedCell[], usual: readonly NamedCell[], changed: () => void) {
    this.#all = all;
    this.#usual = usual;
    this.#key = `flowbook columns ${name}`;
    this.#chosen = readChoice(this.#key);
    this.node = popover(
      element("details", {class: "fb-pick", "data-testid": "record-columns"}, this.#summary, this.#list)
    );
    this.#list.addEventListener("change", ({target}) => {
      const {value, checked} = target as HTMLInputElement;
      const shown = this.shown.map(({name}) => name).filter((name) => name !== value);
      this.#chosen = checked ? [...shown, value] : shown;
      localStorage.setItem(this.#key, JSON.stringify(this.#chosen));
      changed();
    });
  }

  get shown(): readonly NamedCell[] {
    const chosen = this.#all.filter(({name}) => this.#chosen?.includes(name));
    if (chosen.length > 0) return chosen;
    return this.#usual.filter(({name}) => !this.#left.has(name) && !this.#valueless.has(name));
  }

  /** Whether all columns are there without the reader having chosen them. */
  get isWhole(): boolean {
    return this.#chosen === null && this.shown.length === this.#all.length;
  }

  /** Columns that no row has a value in, or none but zeros, are left out unless they are chosen. */
  withoutValues(names: readonly string[]): void {
    this.#valueless = new Set(names);
  }

  /** The table has another width: what fits is found anew. */
  widthChanged(): void {
    this.#left = new Set();
  }

  /**
   * Cuts long texts of a drawn table that is wider than what it scrolls in, and leaves out its last columns where that is
   * not enough; true where it is to be drawn again.
   */
  fit(scroll: HTMLElement): boolean {
    this.#say();
    scroll.style.removeProperty(cutProperty);
    const heads = [...scroll.querySelectorAll<HTMLElement>("th")];
    const over = (scroll.querySelector("table")?.offsetWidth ?? 0) - scroll.clientWidth;
    // Where rows are cards there is no head.
    if (this.#chosen || over <= 0 || scroll.clientWidth === 0 || !heads[0]?.offsetWidth) return false;
    const {shown} = this;
    const columns = shown.map(({kind}, at) => ({
      width: heads[at].offsetWidth,
      isText: kind === "text" || kind === "list"
    }));
    let kept = columns.length;
    while (kept > leastColumns && widthOf(columns.slice(0, kept), leastText) > scroll.clientWidth) kept--;
    const most = mostText(columns.slice(0, kept), scroll.clientWidth);
    if (most !== null) scroll.style.setProperty(cutProperty, `${most - cellPadding}px`);
    if (kept === columns.length) return false;
    this.#left = new Set([...this.#left, ...shown.slice(kept).map(({name}) => name)]);
    this.#say();
    return true;
  }

  #say(): void {
    const shown = this.shown.map(({name}) => name);
    this.#summary.textContent = `Columns ${shown.length}/${this.#all.length}`;
    const focused = (document.activeElement as HTMLInputElement | null)?.value;
    this.#list.replaceChildren(
      ...this.#all.map(({name, label}) =>
        element(
          "label",
          {},
          element("input", {type: "checkbox", value: name, checked: shown.includes(name)}),
          element("span", {}, label)
        )
      )
    );
    if (this.node.open && focused)
      [...this.#list.querySelectorAll("input")].find(({value}) => value === focused)?.focus();
  }
}

/** A drawn column. */
interface Measured {
  readonly width: number;
  readonly isText: boolean;
}

/** How wide columns are together where texts are cut to so many pixels. */
function widthOf(columns: readonly Measured[], most: number): number {
  return columns.reduce((sum, {width, isText}) => sum + (isText ? Math.min(width, most) : width), 0);
}

/** The widest that texts may be for the columns to fit; null where they fit as they are. */
function mostText(columns: readonly Measured[], room: number): number | null {
  if (widthOf(columns, Number.POSITIVE_INFINITY) <= room) return null;
  let [fits, most] = [leastText, Math.max(leastText, ...columns.map(({width}) => width))];
  while (most - fits > 1) {
    const middle = Math.floor((fits + most) / 2);
    if (widthOf(columns, middle) <= room) fits = middle;
    else most = middle;
  }
  return fits;
}

function readChoice(key: string): readonly string[] | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    return Array.isArray(kept) && kept.every((name) => typeof name === "string") ? kept : null;
  } catch {
    return null;
  }
}
