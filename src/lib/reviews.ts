/** What a reader said of a notice. Texts are the reader's own; wall clock in ms since 1970. */
export interface Comment {
  readonly atMs: number;
  readonly text: string;
}

/** Hides notices, past and future, while it lasts. A field that is null fits every notice. */
export interface Suppression {
  readonly id: string;
  readonly rule: string | null;
  readonly src: string | null;
  readonly dst: string | null;
  readonly reason: string;
  readonly createdMs: number;
  readonly untilMs: number;
}

/** What readers decided about a lake's notices; lies in `LAKE/.reviews/notices.json`. */
export interface Reviews {
  readonly version: 1;
  /** Acknowledged notices by id, each with a note that may be empty. */
  readonly acknowledged: Readonly<Record<string, Comment>>;
  /** Comments by notice id, oldest first. */
  readonly comments: Readonly<Record<string, readonly Comment[]>>;
  readonly suppressions: readonly Suppression[];
}

export const noReviews: Reviews = {version: 1, acknowledged: {}, comments: {}, suppressions: []};

/** What reviews look at in a notice. */
export interface Reviewed {
  readonly id: string;
  readonly rule: string;
  readonly src: string | null;
  readonly dst: string | null;
}

/** The suppression that fits a notice and still lasts; undefined where none does. */
export function suppressionOf(
  {suppressions}: Reviews,
  notice: Omit<Reviewed, "id">,
  nowMs: number
): Suppression | undefined {
  return suppressions.find(
    ({rule, src, dst, untilMs}) =>
      untilMs > nowMs &&
      (rule === null || rule === notice.rule) &&
      (src === null || src === notice.src) &&
      (dst === null || dst === notice.dst)
  );
}

/** Notices by what readers decided: an acknowledged one counts as such, whatever suppresses it. */
export function sortedByReview<T extends Reviewed>(
  notices: readonly T[],
  reviews: Reviews,
  nowMs: number
): {readonly open: T[]; readonly acknowledged: T[]; readonly suppressed: T[]} {
  const sorted = {open: [] as T[], acknowledged: [] as T[], suppressed: [] as T[]};
  for (const notice of notices)
    if (Object.hasOwn(reviews.acknowledged, notice.id)) sorted.acknowledged.push(notice);
    else if (suppressionOf(reviews, notice, nowMs)) sorted.suppressed.push(notice);
    else sorted.open.push(notice);
  return sorted;
}
