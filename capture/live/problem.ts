import type {ProblemKind} from "../../schema/live/problem-kind.ts";

/** A live capture that could not begin or go on, in words for the user. */
export class LiveProblem extends Error {
  readonly kind: ProblemKind;
  /** What can be done about it; null where nothing is known. */
  readonly hint: string | null;

  constructor(kind: ProblemKind, message: string, hint: string | null, options?: ErrorOptions) {
    super(message, options);
    this.name = "LiveProblem";
    this.kind = kind;
    this.hint = hint;
  }
}

/** The problem in a failure to write: a full disk in words of its own, anything else as it is. */
export function writingProblem(error: unknown, lake: string): unknown {
  const message = (error as Error)?.message ?? "";
  if (!/ENOSPC|No space left|Disk quota|EDQUOT/i.test(message)) return error;
  return new LiveProblem(
    "disk-full",
    `${lake}: no space is left on the disk; what was sealed before is kept`,
    "free some space (flowbook gc --max-size removes the oldest parts), or name a lake elsewhere with --lake DIR",
    {cause: error}
  );
}
