import type {Target} from "./target.ts";

/** Something that a reader or a stranger may try. */
export interface Attack {
  readonly name: string;
  /** What must come of it. */
  readonly expected: RegExp;
  /** Tries it; what came of it, in few words. */
  run(target: Target): Promise<string>;
  /** Takes longer than a test should. */
  readonly isSlow?: boolean;
  /** Asks for what only a notebook's own pages and sockets answer. */
  readonly needsPages?: boolean;
}
