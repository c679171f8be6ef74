import type {IncidentFacts} from "./incidents.js";

/** What a page knows of a rule. */
export interface RuleFacts {
  /** As findings name it. */
  readonly name: string;
  readonly doc: string;
  /** What it cannot see. */
  readonly blindTo: string;
  /** MITRE ATT&CK technique id; null where none fits. */
  readonly technique: string | null;
  readonly severity: string;
  readonly limits: readonly {
    readonly name: string;
    readonly value: number;
    readonly unit: string;
    readonly doc: string;
  }[];
  /** Tables that it asks. */
  readonly tables: readonly string[];
  /** Made traffic that it has to find, and that it has to leave alone; by their names. */
  readonly finds: readonly string[];
  readonly leaves: readonly string[];
}

/** How many incidents each rule had a part in, by its name; those that are part of another are counted there. */
export function foundBy(incidents: readonly IncidentFacts[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const {state, findings} of incidents) {
    if (state === "merged") continue;
    const names = new Set(findings.filter(({source}) => source === "rule").map(({name}) => name));
    for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
  }
  return found;
}
