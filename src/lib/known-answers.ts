import type {Answer} from "./question.js";

/** What was answered of one state of the lake, kept for the next page of the same tab. */
export class KnownAnswers {
  readonly #version: string;
  readonly #store: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
  readonly #answers: Map<string, Answer>;

  /** `store`: where answers are kept between pages; null keeps them for this page alone. */
  constructor(version: string, store: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null) {
    this.#version = version;
    this.#store = store;
    this.#answers = new Map(readKept(version, store));
  }

  get(key: string): Answer | undefined {
    const answer = this.#answers.get(key);
    if (answer === undefined) return undefined;
    // The latest used come last, and stay longest.
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    return answer;
  }

  set(key: string, answer: Answer): void {
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    if (this.#answers.size > mostAnswers) this.#answers.delete(this.#answers.keys().next().value as string);
  }

  /** Puts the latest of them where the next page finds them. */
  keep(): void {
    const kept: [string, string][] = [];
    let letters = 0;
    for (const [key, answer] of [...this.#answers].reverse()) {
      const text = JSON.stringify(answer);
      if (text.length > mostLetters / 4) continue;
      if ((letters += key.length + text.length) > mostLetters) break;
      kept.push([key, text]);
    }
    const body = kept.reverse().map(([key, text]) => `[${JSON.stringify(key)},${text}]`);
    try {
      this.#store?.setItem(storeKey, `{"version":${JSON.stringify(this.#version)},"answers":[${body.join(",")}]}`);
    } catch {
      // No room: the next page asks again.
      this.#store?.removeItem(storeKey);
    }
  }
}

const storeKey = "flowbook answers";
const mostAnswers = 400;
/** Browsers keep some 5 million letters of an origin. */
const mostLetters = 2_000_000;

function readKept(version: string, store: Pick<Storage, "getItem"> | null): [string, Answer][] {
  try {
    const kept = JSON.parse(store?.getItem(storeKey) ?? "null");
    return kept?.version === version ? kept.answers : [];
  } catch {
    return [];
  }
}
