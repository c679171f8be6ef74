import type {ArpRow} from "../../schema/arp.ts";
import type {CaptureRow} from "../../schema/captures.ts";
import type {FlowRow} from "../../schema/flows.ts";
import type {Severity} from "../../schema/incidents.ts";
import type {TableName} from "../../schema/tables.ts";

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Rows of other tables by column name; a missing value is NULL. */
type RecordRows = {readonly [T in Exclude<TableName, "flows" | "arp" | "captures">]?: Rows};

/** A small lake and the rules that must raise notices in it; a fixture file exports an array of them as `cases`. */
export interface RuleCase extends RecordRows {
  /** What the rows show, as a sentence. */
  readonly name: string;
  readonly flows: readonly FlowRow[];
  readonly arp?: readonly ArpRow[];
  /** Without them each capture of the flows has a row that begins with its first flow. */
  readonly captures?: readonly Partial<CaptureRow>[];
  /** Rule names, one for each notice that all rules together raise, sorted; empty where all must be silent. */
  readonly expected: readonly string[];
  /** Severities of those notices in the same order, where the rules' own are not meant. */
  readonly severities?: readonly Severity[];
  /** Words in the summaries of those notices in the same order. */
  readonly summaries?: readonly string[];
}
