import {fields} from "./fields.js";
import {type Token, tokens} from "./parse.js";

/** What can stand where the reader types. */
export interface Completion {
  readonly text: string;
  readonly doc: string;
  /** The letters that it takes the place of. */
  readonly from: number;
  readonly to: number;
}

/** Fields that begin with what stands before the caret, or values of the field before it; nothing within quotes. */
export function completions(source: string, caret: number): Completion[] {
  let before: Token[];
  try {
    before = tokens(source.slice(0, caret));
  } catch {
    return [];
  }
  const last = before.at(-1);
  const isTyping = last?.kind === "word" && last.to === caret;
  const begun = isTyping ? last.text.toLowerCase() : "";
  const from = isTyping ? last.from : caret;
  const rest = isTyping ? before.slice(0, -1) : before;
  const offer = (words: readonly (readonly [text: string, doc: string])[]) =>
    words
      .filter(([text]) => text.startsWith(begun) && text !== begun)
      .map(([text, doc]) => ({text, doc, from, to: caret}));
  const field = fieldOf(rest);
  if (field) return offer((fields[field].values ?? []).map((value) => [value, ""] as const));
  const isAfterTest = rest.length > 0 && !isOpen(rest[rest.length - 1]);
  return offer([
    ...Object.entries(fields).map(([name, {doc}]) => [name, doc] as const),
    ["not", "what follows does not hold"] as const,
    ...(isAfterTest
      ? ([
          ["and", "both hold"],
          ["or", "one of them holds"]
        ] as const)
      : [])
  ]);
}

/** The field whose value comes next. */
function fieldOf(before: readonly Token[]): string | null {
  let at = before.length - 1;
  while (at > 1 && before[at].kind === ",") at -= 2;
  if (before[at]?.kind === "operator") at--;
  const name = before[at]?.kind === "word" ? before[at].text.toLowerCase() : "";
  return Object.hasOwn(fields, name) ? name : null;
}

function isOpen({kind, text}: Token): boolean {
  return kind === "(" || (kind === "word" && ["and", "or", "not"].includes(text.toLowerCase()));
}
