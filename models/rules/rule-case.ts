import type {ArpRow} from "../../schema/arp.ts";
import type {CaptureRow} from "../../schema/captures.ts";
import type {FlowRow} from "../../schema/flows.ts";
import type {Severity} from "../../schema/incidents.ts";

/** A small lake and the rules that must raise notices in it; a fixture file exports an array of them as `cases`. */
export interface RuleCase {
  /** What the rows show, as a sentence. */
  readonly name: string;
  readonly flows: readonly FlowRow[];
  /** Rows of other tables by column name; a missing value is NULL. */
  readonly http?: readonly Readonly<Record<string, unknown>>[];
  readonly dns?: readonly Readonly<Record<string, unknown>>[];
  readonly tls?: readonly Readonly<Record<string, unknown>>[];
  readonly smb?: readonly Readonly<Record<string, unknown>>[];
  readonly dcerpc?: readonly Readonly<Record<string, unknown>>[];
  readonly ntlm?: readonly Readonly<Record<string, unknown>>[];
  readonly kerberos?: readonly Readonly<Record<string, unknown>>[];
  readonly ldap?: readonly Readonly<Record<string, unknown>>[];
  readonly databases?: readonly Readonly<Record<string, unknown>>[];
  readonly arp?: readonly ArpRow[];
  /** Without them each capture of the flows has a row that begins with its first flow. */
  readonly captures?: readonly Partial<CaptureRow>[];
  /** Rule names, one for each notice that all rules together raise, sorted; empty where all must be silent. */
  readonly expected: readonly string[];
  /** Severities of those notices in the same order, where the rules' own are not meant. */
  readonly severities?: readonly Severity[];
}
