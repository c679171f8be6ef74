import type {FlowTable} from "./flow-table.js";

/** Flows of an incident that say the same, and their shares of its evidence. */
export interface AlikeFlows {
  /** Rows of the table, the one that matters most first. */
  readonly rows: readonly number[];
  /** Of one of them; those of the others would be shown as the same. */
  readonly share: number;
}

/**
 * Puts flows together that differ in no more than time, ports of the originator, port of the responder and bytes: the probes of a
 * scan, the attempts of a login. They come in the order of the first of each.
 */
export function alikeFlows({texts, rows}: FlowTable, shares: readonly number[]): AlikeFlows[] {
  const {src_ip, dst_ip, service, label, conn_state} = texts;
  const groups = new Map<string, {rows: number[]; share: number}>();
  for (let row = 0; row < rows; row++) {
    const codes = [src_ip, dst_ip, service, label, conn_state].map((column) => column.codes[row]);
    const key = [Math.round(shares[row] * 1000), ...codes].join(" ");
    const group = groups.get(key);
    if (group) group.rows.push(row);
    else groups.set(key, {rows: [row], share: shares[row]});
  }
  return [...groups.values()];
}

/** The values of some rows in words: the one that all have, else their ends, as `112 B – 5.3 kB`. */
export function rangeText(
  rows: readonly number[],
  text: (row: number) => string,
  value: (row: number) => number
): string {
  const ordered = [...rows].sort((a, b) => value(a) - value(b));
  const [least, most] = [text(ordered[0]), text(ordered[ordered.length - 1])];
  return least === most ? least : `${least} – ${most}`;
}
