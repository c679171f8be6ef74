import {existsSync, mkdirSync} from "node:fs";
import {join} from "node:path";
import {waitForLock} from "../capture/partitions/lock.ts";
import {readSmallFile, stateBytes} from "../capture/partitions/small-file.ts";
import {replaceFile} from "../loaders/results/freshness-ledger.ts";
import {type IncidentLabel, incidentLabels, noReviews, type Reviews, type Suppression} from "../src/lib/reviews.ts";

/** How much is kept; beyond it a change is refused, since nothing here may be forgotten in silence. */
export const reviewLimits = {
  acknowledged: 20_000,
  comments: 20_000,
  perNotice: 50,
  suppressions: 500,
  labels: 20_000,
  text: 2000
} as const;

/** Suppressions end within a year, so that none is forgotten for good. */
export const longestSuppressionMs = 366 * 86_400_000;

/** A change that cannot be made, in words for the reader who asked for it. */
export class ReviewRefused extends Error {}

const reviewsPath = (lake: string) => join(lake, ".reviews/notices.json");

/** Reads the reviews; none where there is no file. Throws where the file is damaged: it is not to be written over. */
export function readReviews(lake: string): Reviews {
  const path = reviewsPath(lake);
  if (!existsSync(path)) return noReviews;
  try {
    // What the limits allow has a hundred megabytes and more; what readers write has a few.
    const reviews = JSON.parse(readSmallFile(path, 4 * stateBytes));
    if (reviews?.version !== 1) throw new Error(`expected version 1, found ${reviews?.version}`);
    const all: Reviews = {...noReviews, ...reviews};
    const {acknowledged, comments, labels, suppressions} = all;
    const isWhole =
      [acknowledged, comments, labels].every((of) =>
        Object.values(of).every((one) => typeof one === "object" && one)
      ) &&
      Object.values(comments).every(Array.isArray) &&
      Array.isArray(suppressions);
    if (!isWhole) throw new Error("expected acknowledgements, comments, labels and suppressions");
    return all;
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, {cause: error});
  }
}

/** Acknowledges an incident or a notice with a note; a second time replaces the note. */
export function acknowledge(lake: string, notice: string, note: string, nowMs: number): Promise<Reviews> {
  const comment = {atMs: nowMs, text: checkedText("note", note)};
  return change(lake, (reviews) => {
    const acknowledged = {...reviews.acknowledged, [checkedId(notice)]: comment};
    atMost("acknowledged notices", Object.keys(acknowledged).length, reviewLimits.acknowledged);
    return {...reviews, acknowledged};
  });
}

/** Takes an acknowledgement back. */
export function unacknowledge(lake: string, notice: string): Promise<Reviews> {
  return change(lake, (reviews) => {
    if (!Object.hasOwn(reviews.acknowledged, notice))
      throw new ReviewRefused(`${checkedId(notice)} is not acknowledged`);
    const {[notice]: _, ...acknowledged} = reviews.acknowledged;
    return {...reviews, acknowledged};
  });
}

/** Labels an incident, in place of its earlier label; `null` takes it away. */
export function labelIncident(
  lake: string,
  incident: string,
  label: string | null,
  note: string,
  nowMs: number
): Promise<Reviews> {
  if (label !== null && !(incidentLabels as readonly string[]).includes(label))
    throw new ReviewRefused(`label: expected ${incidentLabels.join(", ")}, found ${label.slice(0, 32)}`);
  const text = checkedText("note", note);
  return change(lake, (reviews) => {
    const {[checkedId(incident)]: _, ...others} = reviews.labels;
    const labels =
      label === null ? others : {...others, [incident]: {label: label as IncidentLabel, atMs: nowMs, text}};
    atMost("labelled incidents", Object.keys(labels).length, reviewLimits.labels);
    return {...reviews, labels};
  });
}

/** Adds a comment to an incident or a notice. */
export function comment(lake: string, notice: string, text: string, nowMs: number): Promise<Reviews> {
  const added = {atMs: nowMs, text: checkedText("comment", text)};
  if (added.text === "") throw new ReviewRefused("comment: expected a text");
  return change(lake, (reviews) => {
    const own = [...(reviews.comments[checkedId(notice)] ?? []), added];
    atMost("comments of a notice", own.length, reviewLimits.perNotice);
    const comments = {...reviews.comments, [notice]: own};
    atMost("comments", Object.values(comments).flat().length, reviewLimits.comments);
    return {...reviews, comments};
  });
}

export type NewSuppression = Omit<Suppression, "id" | "createdMs">;

/** Suppresses what fits; it must name a rule or a host, a reason and an end within a year. `id` names it from then on. */
export function suppress(lake: string, wanted: NewSuppression, id: string, nowMs: number): Promise<Reviews> {
  const {rule, src, dst, untilMs} = wanted;
  const reason = checkedText("reason", wanted.reason);
  for (const text of [rule, src, dst])
    if (text !== null && !/^[\w.: -]{1,64}$/.test(text))
      throw new ReviewRefused("expected a rule's name or an address");
  if (rule === null && src === null && dst === null) throw new ReviewRefused("expected a rule or a host to suppress");
  if (reason === "") throw new ReviewRefused("reason: expected a text");
  if (!(untilMs > nowMs && untilMs <= nowMs + longestSuppressionMs))
    throw new ReviewRefused("expected an end later than now and within a year");
  return change(lake, (reviews) => {
    const lasting = reviews.suppressions.filter((old) => old.untilMs + keptAfterMs > nowMs);
    const suppressions = [...lasting, {id, rule, src, dst, reason, createdMs: nowMs, untilMs}];
    atMost("suppressions", suppressions.length, reviewLimits.suppressions);
    return {...reviews, suppressions};
  });
}

/** Ended suppressions stay to be read for thirty days. */
const keptAfterMs = 30 * 86_400_000;

/** Ends a suppression at once and forgets it. */
export function unsuppress(lake: string, id: string): Promise<Reviews> {
  return change(lake, (reviews) => {
    const suppressions = reviews.suppressions.filter((suppression) => suppression.id !== id);
    if (suppressions.length === reviews.suppressions.length) throw new ReviewRefused("no such suppression");
    return {...reviews, suppressions};
  });
}

/** Forgets what was said of incidents and notices; true where there was something. */
export async function forgetReviews(lake: string, ids: Iterable<string>): Promise<boolean> {
  const gone = new Set(ids);
  const without = <T>(of: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(of).filter(([id]) => !gone.has(id)));
  const {acknowledged, comments, labels} = readReviews(lake);
  if (![acknowledged, comments, labels].some((of) => Object.keys(of).some((id) => gone.has(id)))) return false;
  await change(lake, (reviews) => ({
    ...reviews,
    acknowledged: without(reviews.acknowledged),
    comments: without(reviews.comments),
    labels: without(reviews.labels)
  }));
  return true;
}

const lockWaitMs = 5000;

/** Changes the file under a lock, in one step: a reader sees the old or the new one, and no change is lost to another. */
async function change(lake: string, make: (reviews: Reviews) => Reviews): Promise<Reviews> {
  mkdirSync(join(lake, ".reviews"), {recursive: true, mode: 0o700});
  const release = await waitForLock(join(lake, ".reviews/lock"), lockWaitMs);
  try {
    const reviews = make(readReviews(lake));
    replaceFile(reviewsPath(lake), JSON.stringify(reviews, null, 1));
    return reviews;
  } finally {
    release();
  }
}

function checkedId(notice: string): string {
  if (!/^[0-9a-f]{16}$/.test(notice))
    throw new ReviewRefused("expected the id of an incident or a notice, 16 hexadecimal digits");
  return notice;
}

function checkedText(what: string, text: string): string {
  if (text.length > reviewLimits.text) throw new ReviewRefused(`${what}: longer than ${reviewLimits.text} characters`);
  return text.trim();
}

function atMost(what: string, found: number, most: number): void {
  if (found > most) throw new ReviewRefused(`more than ${most.toLocaleString("en-US")} ${what}`);
}
