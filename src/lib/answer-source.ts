import type {FlowCursor, FlowsAsked} from "./flow-page.js";
import type {FlowTable} from "./flow-table.js";
import type {Answer, Asked, Cell} from "./question.js";

/** Some flows, with where a list goes on behind each of them. */
export interface FlowPage {
  readonly flows: FlowTable;
  readonly cursors: readonly FlowCursor[];
}

/** Flows of an incident with their shares of its evidence. */
export interface IncidentFlows {
  readonly flows: FlowTable;
  /** One for each row. */
  readonly shares: readonly number[];
}

/**
 * Where a page's answers come from: the notebook's server, which asks the lake, or the tables that a static site
 * carries. Both answer the same; a test holds them equal. Every call can be cancelled.
 */
export interface AnswerSource {
  answer(asked: Asked, signal: AbortSignal): Promise<Answer>;
  flows(asked: FlowsAsked, signal: AbortSignal): Promise<FlowPage>;
  /** The columns of `detailNames` of one flow; null where it is gone. */
  details(flow: bigint, capture: string, signal: AbortSignal): Promise<Readonly<Record<string, Cell>> | null>;
  incidentFlows(incident: string, most: number, signal: AbortSignal): Promise<IncidentFlows>;
  /** Rows of a statement that `lib/records` makes. */
  stated(stated: Stated, signal: AbortSignal): Promise<Answer>;
}

/** A statement over tables of records. */
export interface Stated {
  readonly sql: string;
  /** Letters of its beginning up to where each of its first tables ends that other statements begin with, too: such may be kept. */
  readonly over: readonly number[];
}

/** What tells one question from another. */
export function keyOf(asked: Asked | Stated): string {
  if ("sql" in asked) return asked.sql;
  const {question, filter, grid} = asked;
  const {title: _, ...body} = question;
  return JSON.stringify([body, filter, question.time ? grid : null]);
}
