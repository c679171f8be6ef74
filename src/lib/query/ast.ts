/** A condition on flows as the query box has it, taken apart. It means the same as SQL and as a test of a row. */
export type Query =
  | {readonly kind: "and" | "or"; readonly of: readonly Query[]}
  | {readonly kind: "not"; readonly of: Query}
  | Test;

/** A field compared with some values, of which one has to hold. */
export interface Test {
  readonly kind: "test";
  /** Its name in `fields`. */
  readonly field: string;
  readonly operator: Operator;
  readonly values: readonly Value[];
}

/** `~`: holds the text somewhere; `=`: is it, where `*` stands for anything. */
export type Operator = (typeof operators)[number];
export const operators = ["!=", "<=", ">=", "=", "<", ">", "~"] as const;

export type Value =
  | {readonly kind: "number"; readonly value: number}
  | {readonly kind: "numbers"; readonly from: number; readonly to: number}
  | {readonly kind: "text"; readonly text: string}
  /** From the first to the last address, by `addressKey`; `text` where it is one address, as flows have it. */
  | {readonly kind: "addresses"; readonly from: string; readonly to: string; readonly text: string | null}
  /** A flow in which the field is not known. */
  | {readonly kind: "none"};

/** What is wrong with a query, and where: from this letter to before that one. */
export class QueryError extends Error {
  override readonly name = "QueryError";
  readonly from: number;
  readonly to: number;
  constructor(message: string, from: number, to: number) {
    super(message);
    this.from = from;
    this.to = to;
  }
}
