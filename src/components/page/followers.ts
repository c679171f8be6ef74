import {AskError} from "../../lib/ask.js";
import {visibleText} from "../../lib/visible-text.js";
import {afterPress} from "./after-press.js";
import {Pending} from "./asking.js";
import {element} from "./element.js";

/** Something on the page that is drawn from answers. */
interface Follower {
  readonly element: HTMLElement;
  readonly update: () => void;
  seen: boolean;
  /** A reader does not see it. */
  isAway: boolean;
  /** It was left out when the others were drawn. */
  isLate: boolean;
  /** Keys of the answers it waits for. */
  waits: readonly string[];
}

/**
 * What is drawn from answers, as long as it is on the page. `drawn` is called after all were drawn, `left` when none is there. What
 * a reader sees is drawn first, the rest after that was painted; while something is dragged (`passes`), when it is seen or let go.
 */
export class Followers {
  #followers: Follower[] = [];
  #scheduled = false;
  #isLate = false;
  readonly #passes: () => boolean;
  readonly #drawn: () => void;
  readonly #left: () => void;

  /** Somewhat more than what is seen: nothing is late where a reader scrolls to. */
  readonly #sight = new IntersectionObserver((entries) => this.#saw(entries), {rootMargin: "100px"});

  constructor(passes: () => boolean, drawn: () => void, left: () => void) {
    this.#passes = passes;
    this.#drawn = drawn;
    this.#left = left;
  }

  /** Keys of the answers that are waited for. */
  get waits(): readonly string[] {
    return this.#followers.flatMap(({waits}) => waits);
  }

  /** Draws an element now and whenever it is due; returns what draws it at another time. */
  add(element: HTMLElement, update: () => void): () => void {
    const follower: Follower = {element, update, seen: false, isAway: false, isLate: false, waits: []};
    this.#followers.push(follower);
    this.#sight.observe(element);
    const run = () => this.#run(follower);
    run();
    return run;
  }

  /** Draws all in the next frame, once, however often a filter changes while something is dragged. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const drawAll = () => {
      this.#scheduled = false;
      this.#followers = this.#followers.filter((follower) => {
        follower.seen ||= follower.element.isConnected;
        const stays = follower.element.isConnected || !follower.seen;
        if (!stays) this.#sight.unobserve(follower.element);
        return stays;
      });
      // New data come with a notebook of their own; this one is then left to be forgotten.
      if (this.#followers.length === 0) {
        this.#sight.disconnect();
        return this.#left();
      }
      for (const follower of this.#followers) this.#runInTurn(follower);
      this.#drawn();
    };
    requestAnimationFrame(() => afterPress(drawAll));
  }

  /** Draws what waited for an answer. */
  arrived(key: string): void {
    afterPress(() => {
      for (const follower of this.#followers) if (follower.waits.includes(key)) this.#runInTurn(follower);
    });
  }

  #runInTurn(follower: Follower): void {
    if (!follower.isAway) {
      this.#run(follower);
      return;
    }
    follower.isLate = true;
    if (this.#passes()) return;
    follower.element.setAttribute("aria-busy", "true");
    if (this.#isLate) return;
    this.#isLate = true;
    // A task of its own after the frame in which what is seen is painted.
    requestAnimationFrame(() => setTimeout(() => afterPress(() => this.#runLate())));
  }

  #runLate(): void {
    this.#isLate = false;
    if (this.#passes()) return;
    for (const follower of this.#followers) if (follower.isLate) this.#run(follower);
    this.#drawn();
  }

  #saw(entries: readonly IntersectionObserverEntry[]): void {
    const away = new Map(entries.map(({target, isIntersecting}) => [target, !isIntersecting]));
    for (const follower of this.#followers) {
      follower.isAway = away.get(follower.element) ?? follower.isAway;
      if (follower.isLate && !follower.isAway) afterPress(() => follower.isLate && this.#run(follower));
    }
  }

  #run(follower: Follower): void {
    const {element, update} = follower;
    follower.isLate = false;
    try {
      update();
      follower.waits = [];
      sayProblem(element, null);
    } catch (error) {
      follower.waits = error instanceof Pending ? error.keys : [];
      if (error instanceof Pending) {
        element.setAttribute("aria-busy", "true");
        return;
      }
      sayProblem(element, error as Error);
    }
    element.removeAttribute("aria-busy");
  }
}

/** Says in an element's place why there is no answer; null takes it back. */
function sayProblem(node: HTMLElement, error: Error | null): void {
  const said = [...node.children].find((child) => child.classList.contains("fb-problem"));
  if (error === null) {
    said?.remove();
    return;
  }
  const words = element("p", {class: "fb-problem", role: "alert", "data-tone": "bad"}, visibleText(error.message));
  if (said) said.replaceWith(words);
  else node.append(words);
  // What is not the server's word is a fault of the page.
  if (!(error instanceof AskError)) console.error(error);
}
