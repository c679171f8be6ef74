import type {LiveFindings} from "../loaders/live/live-analysis.ts";
import type {CaptureNotice, ScoringNews} from "../schema/live/news.ts";
import type {NoticeRow} from "../schema/notices.ts";

const mostNotices = 20;

/** How many notices a capture has, and the newest of them. */
export function noticeNews(rows: readonly NoticeRow[]): {total: number; notices: readonly CaptureNotice[]} {
  const newest = rows.toSorted((a, b) => b.ts_end - a.ts_end).slice(0, mostNotices);
  return {
    total: rows.length,
    notices: newest.map((row) => ({
      id: row.notice_id,
      rule: row.rule,
      technique: row.attack_technique,
      severity: row.severity,
      src: row.src_ip,
      dst: row.dst_ip,
      from: row.ts_start,
      to: row.ts_end,
      flows: Number(row.flows),
      summary: row.summary
    }))
  };
}

/** What the judging of flows under way came to. */
export function verdictNews(findings: LiveFindings, atMs: number): ScoringNews & {kind: "verdicts"} {
  const {scored, provisional, suspicious, verdicts, suspects, delay, left, scoreMs, rulesMs} = findings;
  return {
    kind: "verdicts",
    atMs,
    scored,
    provisional,
    suspicious,
    verdicts,
    suspects,
    packetToVerdictP50Ms: delay.p50Ms,
    packetToVerdictP95Ms: delay.p95Ms,
    firstVerdictP95Ms: delay.firstP95Ms,
    left,
    scoreMs,
    rulesMs
  };
}
