import {type Operator, operators, type Query, QueryError, type Value} from "./ast.js";
import {type Field, fields} from "./fields.js";
import {readValue, wordTest} from "./values.js";

/** A piece of a query. */
export interface Token {
  readonly kind: "word" | "text" | "operator" | "(" | ")" | ",";
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

export const longestQuery = 2000;
const deepest = 40;
const mostTests = 100;

/** Takes a query apart; null where nothing is in it. Throws a QueryError that says where it stops making sense. */
export function parseQuery(source: string): Query | null {
  if (source.length > longestQuery)
    throw new QueryError(`a query has ${longestQuery} letters at most`, longestQuery, source.length);
  const parser = new Parser(source);
  return parser.whole();
}

/** Cuts a query into pieces. Throws where a text in quotes does not end. */
export function tokens(source: string): Token[] {
  const found: Token[] = [];
  for (let at = 0; at < source.length; ) {
    const letter = source[at];
    if (/\s/.test(letter)) {
      at++;
      continue;
    }
    const from = at;
    const operator = operators.find((each) => source.startsWith(each, at));
    if (letter === "(" || letter === ")" || letter === ",") {
      found.push({kind: letter, text: letter, from, to: ++at});
    } else if (operator) {
      at += operator.length;
      found.push({kind: "operator", text: operator, from, to: at});
    } else if (letter === '"') {
      let text = "";
      for (at++; source[at] !== '"'; at++) {
        if (at >= source.length) throw new QueryError('this text has no " at its end', from, source.length);
        if (source[at] === "\\" && at + 1 < source.length) at++;
        text += source[at];
      }
      found.push({kind: "text", text, from, to: ++at});
    } else {
      while (at < source.length && !/[\s(),"=<>~]/.test(source[at]) && !source.startsWith("!=", at)) at++;
      found.push({kind: "word", text: source.slice(from, at), from, to: at});
    }
  }
  return found;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #at = 0;
  #depth = 0;
  #tests = 0;

  constructor(source: string) {
    this.#tokens = tokens(source);
    this.#end = source.length;
  }

  whole(): Query | null {
    if (this.#tokens.length === 0) return null;
    const query = this.#either();
    const rest = this.#tokens[this.#at];
    if (rest)
      throw new QueryError(rest.kind === ")" ? "there is no ( for this" : "expected and, or", rest.from, rest.to);
    return query;
  }

  #either(): Query {
    const of = [this.#all()];
    while (this.#takeWord("or")) of.push(this.#all());
    return of.length === 1 ? of[0] : {kind: "or", of};
  }

  #all(): Query {
    const of = [this.#one()];
    for (;;) {
      const next = this.#tokens[this.#at];
      if (this.#takeWord("and")) of.push(this.#one());
      // Two conditions beside each other both have to hold.
      else if (next && next.kind !== ")" && next.kind !== "," && next.kind !== "operator" && !isWord(next, "or"))
        of.push(this.#one());
      else return of.length === 1 ? of[0] : {kind: "and", of};
    }
  }

  #one(): Query {
    const first = this.#tokens[this.#at];
    if (!first) throw new QueryError("expected a condition, found the end", this.#end, this.#end);
    if (++this.#depth > deepest) throw new QueryError("too many parentheses", first.from, first.to);
    try {
      if (this.#takeWord("not")) return {kind: "not", of: this.#one()};
      if (first.kind !== "(") return this.#test();
      this.#at++;
      const query = this.#either();
      const last = this.#tokens[this.#at];
      if (last?.kind !== ")") throw new QueryError("this ( has no )", first.from, first.to);
      this.#at++;
      return query;
    } finally {
      this.#depth--;
    }
  }

  #test(): Query {
    const first = this.#tokens[this.#at++];
    if (++this.#tests > mostTests) throw new QueryError(`more than ${mostTests} conditions`, first.from, first.to);
    if (first.kind !== "word" && first.kind !== "text")
      throw new QueryError("expected a field or a value", first.from, first.to);
    const name = first.text.toLowerCase();
    if (first.kind === "text" || !Object.hasOwn(fields, name)) {
      const next = this.#tokens[this.#at];
      if (next?.kind === "operator")
        throw new QueryError(
          `there is no field ${first.text}; there are ${Object.keys(fields).join(", ")}`,
          first.from,
          first.to
        );
      return wordTest(first);
    }
    const field = fields[name];
    const next = this.#tokens[this.#at];
    const operator = next?.kind === "operator" ? (next.text as Operator) : "=";
    if (next?.kind === "operator") {
      this.#at++;
      checkOperator(field, operator, next);
    }
    const values: Value[] = [];
    do values.push(this.#value(name, field, operator));
    while (this.#take(","));
    return {kind: "test", field: name, operator, values};
  }

  #value(name: string, field: Field, operator: Operator): Value {
    const token = this.#tokens[this.#at];
    if (!token || (token.kind !== "word" && token.kind !== "text"))
      throw new QueryError(`expected a value for ${name}`, token?.from ?? this.#end, token?.to ?? this.#end);
    this.#at++;
    return readValue(field, operator, token);
  }

  #take(kind: Token["kind"]): boolean {
    if (this.#tokens[this.#at]?.kind !== kind) return false;
    this.#at++;
    return true;
  }

  #takeWord(word: string): boolean {
    if (!isWord(this.#tokens[this.#at], word)) return false;
    this.#at++;
    return true;
  }
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === "word" && token.text.toLowerCase() === word;
}

function checkOperator({kind}: Field, operator: Operator, {from, to}: Token): void {
  const isText = kind === "text" || kind === "address";
  if (isText && /[<>]/.test(operator)) throw new QueryError("a text is compared by =, != or ~", from, to);
  if (!isText && operator === "~") throw new QueryError("~ looks into texts; a number is compared by = < >", from, to);
}
