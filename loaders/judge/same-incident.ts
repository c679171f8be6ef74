import type {NoticeRow} from "../../schema/notices.ts";

/** What tells incidents apart. */
type Known = Pick<
  NoticeRow,
  "notice_id" | "capture_sha256" | "rule" | "src_ip" | "dst_ip" | "dst_port" | "ts_start" | "ts_end"
>;

/** Two notices of one rule about one host are one incident where not more time lies between them. */
const gapUs = 60e6;

/**
 * The rows with the ids of earlier notices that tell of the same incident: it keeps the id by which it was first told,
 * acknowledged or alerted, though more packets give it another beginning, or many targets instead of one. Each earlier
 * notice gives its id once; the likest row gets it.
 */
export function keepIds(rows: readonly NoticeRow[], earlier: readonly Known[]): NoticeRow[] {
  const ids = new Map<NoticeRow, string>();
  const taken = new Set<string>();
  const byRule = new Map<string, Known[]>();
  for (const one of earlier) {
    const key = `${one.capture_sha256} ${one.rule}`;
    const list = byRule.get(key);
    if (list) list.push(one);
    else byRule.set(key, [one]);
  }
  for (const isAlike of likeness)
    for (const row of rows) {
      if (ids.has(row)) continue;
      const same = byRule
        .get(`${row.capture_sha256} ${row.rule}`)
        ?.find((one) => !taken.has(one.notice_id) && isAlike(row, one));
      if (!same) continue;
      taken.add(same.notice_id);
      ids.set(row, same.notice_id);
    }
  return rows.map((row) => ({...row, notice_id: ids.get(row) ?? row.notice_id}));
}

/** From the surest sign that two notices tell of one incident to the weakest. */
const likeness: readonly ((a: Known, b: Known) => boolean)[] = [
  (a, b) => a.notice_id === b.notice_id,
  (a, b) => a.src_ip === b.src_ip && a.dst_ip === b.dst_ip && a.dst_port === b.dst_port && meet(a, b),
  (a, b) => ((a.src_ip !== null && a.src_ip === b.src_ip) || (a.dst_ip !== null && a.dst_ip === b.dst_ip)) && meet(a, b)
];

function meet(a: Known, b: Known): boolean {
  return a.ts_start <= b.ts_end + gapUs && b.ts_start <= a.ts_end + gapUs;
}
