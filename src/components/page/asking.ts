import {type AnswerSource, keyOf, type Stated} from "../../lib/answer-source.js";
import type {KnownAnswers} from "../../lib/known-answers.js";
import type {Answer, Asked} from "../../lib/question.js";
import {narrowedAnswer, widerOf} from "../../lib/wider-answers.js";

/** Thrown to whoever draws from an answer that is not there yet; the drawing is called again when it is. */
export class Pending extends Error {
  override readonly name = "Pending";
  readonly keys: readonly string[];
  constructor(keys: readonly string[]) {
    super("the answer is on its way");
    this.keys = keys;
  }
}

type Wanted = Asked | Stated;

interface Request {
  readonly asked: Wanted;
  readonly left: AbortController;
}

/** At once; the rest waits, so that what nobody wants any more need not be sent at all. The server's engine has the processors to itself with two. */
const mostAtOnce = 2;

/**
 * The answers of a page: those that are known at once, the others from their source, each asked once. What nobody waits
 * for any more is cancelled.
 */
export class Asking {
  readonly #source: AnswerSource;
  readonly #known: KnownAnswers;
  readonly #arrived: (key: string) => void;
  readonly #waiting = new Map<string, Wanted>();
  readonly #running = new Map<string, Request>();
  readonly #failed = new Map<string, Error>();
  /** Keys of what was asked ahead: it is sent also while something is dragged. */
  readonly #ahead = new Set<string>();
  #holding: ReturnType<typeof setTimeout> | undefined;

  /** `arrived` is called with the key of what was answered, or failed. */
  constructor(source: AnswerSource, known: KnownAnswers, arrived: (key: string) => void) {
    this.#source = source;
    this.#known = known;
    this.#arrived = arrived;
  }

  /** The answers, in order. Throws a Pending where one is not there yet, and the error of one that failed. */
  get(asked: readonly Wanted[]): Answer[] {
    const keys = asked.map(keyOf);
    const answers = keys.map((key, i) => this.#known.get(key) ?? this.#narrowed(key, asked[i]));
    for (const key of keys) {
      const error = this.#failed.get(key);
      if (error) throw error;
    }
    const missing = keys.filter((_, i) => answers[i] === undefined);
    if (missing.length === 0) return answers as Answer[];
    asked.forEach((each, i) => {
      if (answers[i] === undefined && !this.#running.has(keys[i])) this.#waiting.set(keys[i], each);
    });
    queueMicrotask(() => this.#send());
    throw new Pending(missing);
  }

  /** What follows from the answer to a wider question. */
  #narrowed(key: string, asked: Wanted): Answer | undefined {
    if ("sql" in asked) return undefined;
    for (const wider of widerOf(asked)) {
      const known = this.#known.get(keyOf(wider.asked));
      const answer = known && narrowedAnswer(asked, wider, known);
      if (!answer) continue;
      this.#known.set(key, answer);
      return answer;
    }
    return undefined;
  }

  /** Asks for what is not known, for later. */
  ask(asked: readonly Asked[]): void {
    for (const each of asked) {
      const key = keyOf(each);
      this.#ahead.add(key);
      if (this.#known.get(key) === undefined && !this.#running.has(key)) this.#waiting.set(key, each);
    }
    this.#send();
  }

  /** Sends nothing but what is asked ahead for so long: what is asked while something is dragged is outdated at once. */
  hold(ms: number): void {
    clearTimeout(this.#holding);
    this.#holding = setTimeout(() => {
      this.#holding = undefined;
      this.#send();
    }, ms);
  }

  /** Forgets failures, and cancels what none of these keys names. */
  want(keys: ReadonlySet<string>): void {
    this.#failed.clear();
    for (const key of this.#waiting.keys()) if (!keys.has(key)) this.#waiting.delete(key);
    for (const [key, {left}] of this.#running)
      if (!keys.has(key)) {
        this.#running.delete(key);
        left.abort(new DOMException("outdated", "AbortError"));
      }
    this.#send();
  }

  #send(): void {
    for (const [key, asked] of this.#waiting) {
      if (this.#running.size >= mostAtOnce) return;
      if (this.#holding !== undefined && !this.#ahead.has(key)) continue;
      this.#waiting.delete(key);
      void this.#run(key, {asked, left: new AbortController()});
    }
  }

  async #run(key: string, request: Request): Promise<void> {
    this.#running.set(key, request);
    const {
      asked,
      left: {signal}
    } = request;
    try {
      const answer = "sql" in asked ? this.#source.stated(asked, signal) : this.#source.answer(asked, signal);
      this.#known.set(key, await answer);
    } catch (error) {
      if (!request.left.signal.aborted) this.#failed.set(key, error as Error);
    }
    if (this.#running.get(key) !== request) return;
    this.#running.delete(key);
    // Before anything is drawn: the next is answered meanwhile.
    this.#send();
    this.#arrived(key);
  }
}
