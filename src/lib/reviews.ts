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

/** What an analyst says an incident is: an attack, a false alarm, or nothing sure. */
export const incidentLabels = ["true", "false", "unknown"] as const;
export type IncidentLabel = (typeof incidentLabels)[number];

/** A label with its note, which may be empty. */
export interface Labelled extends Comment {
  readonly label: IncidentLabel;
}

/** What readers decided about a lake's incidents and notices; lies in `LAKE/.reviews/notices.json`. */
export interface Reviews {
  readonly version: 1;
  /** Acknowledged incidents and notices by id, each with a note that may be empty. */
  readonly acknowledged: Readonly<Record<string, Comment>>;
  /** Comments by id, oldest first. */
  readonly comments: Readonly<Record<string, readonly Comment[]>>;
  readonly suppressions: readonly Suppression[];
  /** Labels of incidents by id. */
  readonly labels: Readonly<Record<string, Labelled>>;
}

export const noReviews: Reviews = {version: 1, acknowledged: {}, comments: {}, suppressions: [], labels: {}};

/** What reviews look at in an incident or a notice. */
export interface Reviewed {
  readonly id: string;
  /** Names by which it can be suppressed: of rules, and the class. */
  readonly rules: readonly string[];
  /** Ids of the notices that an incident is made of. */
  readonly notices?: readonly string[];
  readonly src: string | null;
  readonly dst: string | null;
}

/** The acknowledgement of an incident, or of the last of its notices where all are acknowledged; undefined without one. */
export function acknowledgementOf(
  {acknowledged}: Reviews,
  {id, notices = []}: Pick<Reviewed, "id" | "notices">
): Comment | undefined {
  if (Object.hasOwn(acknowledged, id)) return acknowledged[id];
  const all = notices.length > 0 && notices.every((notice) => Object.hasOwn(acknowledged, notice));
  return all ? acknowledged[notices[notices.length - 1]] : undefined;
}

/** The suppression that fits a notice and still lasts; undefined where none does. */
export function suppressionOf(
  {suppressions}: Reviews,
  notice: Pick<Reviewed, "rules" | "src" | "dst">,
  nowMs: number
): Suppression | undefined {
  return suppressions.find(
    ({rule, src, dst, untilMs}) =>
      untilMs > nowMs &&
      (rule === null || notice.rules.includes(rule)) &&
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
    if (acknowledgementOf(reviews, notice)) sorted.acknowledged.push(notice);
    else if (suppressionOf(reviews, notice, nowMs)) sorted.suppressed.push(notice);
    else sorted.open.push(notice);
  return sorted;
}
