import {randomUUID} from "node:crypto";
import * as store from "../alerts/reviews.ts";
import {listNotices, type Notice} from "../loaders/judge/notice-list.ts";
import {openLake} from "../loaders/lake/duckdb.ts";
import type {Reviews} from "../src/lib/reviews.ts";
import {ageOption} from "./amounts.ts";
import {exit, type Invocation, UserError} from "./verb.ts";

/** Options of `flowbook notices` that change what readers decided; each is one change, and one a call. */
export const reviewOptions = {
  ack: {type: "string"},
  unack: {type: "string"},
  comment: {type: "string"},
  suppress: {type: "boolean"},
  unsuppress: {type: "string"},
  note: {type: "string"},
  src: {type: "string"},
  dst: {type: "string"},
  for: {type: "string"}
} as const;

export const reviewHelp = {
  ack: "acknowledge the notice of this id; --note says why",
  unack: "withdraw the acknowledgement of the notice of this id",
  comment: "add --note to the notice of this id",
  suppress: "hide notices that match --rule, --src and --dst; --for says how long, --note why",
  unsuppress: "lift the suppression of this id",
  note: "the note, comment or reason",
  src: "suppress: notices of this source",
  dst: "suppress: notices of this target",
  for: "suppress: how long (12h, 7d, 52w; default 24h)"
};

const changes = ["ack", "unack", "comment", "suppress", "unsuppress"] as const;

/** Makes the change that the command line asks for and returns the reviews as they are then; null where it asks for none. */
export async function changeReviews({lake, values}: Invocation, nowMs: number): Promise<Reviews | null> {
  const asked = changes.filter((name) => values[name] !== undefined);
  if (asked.length === 0) return null;
  if (asked.length > 1)
    throw new UserError(
      exit.usage,
      `notices: expected one change at a time, found ${asked.map((name) => `--${name}`).join(", ")}`
    );
  const text = (name: string) => (values[name] as string | undefined) ?? null;
  const note = text("note") ?? "";
  try {
    switch (asked[0]) {
      case "ack":
        return await store.acknowledge(lake, (await noticeOf(lake, text("ack"))).notice_id, note, nowMs);
      case "unack":
        return await store.unacknowledge(lake, text("unack") ?? "");
      case "comment":
        return await store.comment(lake, (await noticeOf(lake, text("comment"))).notice_id, note, nowMs);
      case "unsuppress":
        return await store.unsuppress(lake, text("unsuppress") ?? "");
      case "suppress": {
        const untilMs = nowMs + (ageOption(text("for") ?? "24h", "for") ?? 0) * 1000;
        const wanted = {rule: text("rule"), src: text("src"), dst: text("dst"), reason: note, untilMs};
        return await store.suppress(lake, wanted, randomUUID(), nowMs);
      }
    }
  } catch (error) {
    if (!(error instanceof store.ReviewRefused)) throw error;
    throw new UserError(exit.usage, `notices: ${error.message}`, {cause: error});
  }
}

/** The notice of an id. Throws a UserError where the lake has none. */
export async function noticeOf(lake: string, id: string | null): Promise<Notice> {
  const engine = await openLake(lake);
  try {
    const found = (await listNotices(engine)).find(({notice_id}) => notice_id === id);
    if (!found) throw new UserError(exit.usage, `notices: the lake has no notice ${id}`);
    return found;
  } finally {
    await engine.close();
  }
}
