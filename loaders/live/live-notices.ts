import {partFiles, sealedParts} from "../../capture/partitions/layout.ts";
import {rowsToBatch} from "../../capture/partitions/rows-to-batch.ts";
import {writeTable} from "../../capture/partitions/write-table.ts";
import type {Finding} from "../../models/rules/rule.ts";
import {literal} from "../../schema/ddl.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {type NoticeRow, noticeColumns} from "../../schema/notices.ts";
import {table} from "../../schema/tables.ts";
import {capturesOf, noticeFile, noticeRow} from "../judge/notices.ts";
import {keepIds} from "../judge/same-incident.ts";
import {openLake} from "../lake/duckdb.ts";

/** Incidents of a running capture that are kept at most; the oldest leave first. */
const mostIncidents = 2000;

/** What rules have found so far in a running capture, by windows of its last minutes. */
export class LiveNotices {
  /** Incidents found, those that left the list among them. */
  found = 0;
  /** Incidents that more packets explained otherwise: taken back. */
  withdrawn = 0;
  /** Rises with every change of a notice, be it a flow more. */
  version = 0;
  #rows: readonly NoticeRow[] = [];
  readonly #gone = new Set<string>();

  get rows(): readonly NoticeRow[] {
    return this.#rows;
  }

  /** Ids of notices that were taken back; at most as many as incidents are kept. */
  get withdrawnIds(): ReadonlySet<string> {
    return this.#gone;
  }

  /**
   * Takes what the rules find in the window now. An incident that began before the window keeps its beginning and what
   * was counted of it; one within it that is found no more is taken back. True where incidents came or went.
   */
  update(findings: readonly Finding[], windowFromUs: number): boolean {
    const now = keepIds(
      findings.map((finding) => noticeRow(finding)),
      this.#rows
    );
    const before = new Map(this.#rows.map((row) => [row.notice_id, row]));
    const ids = new Set(now.map(({notice_id}) => notice_id));
    const past = this.#rows.filter((row) => !ids.has(row.notice_id));
    const stay = past.filter(({ts_start}) => ts_start < windowFromUs);
    const fresh = now.filter(({notice_id}) => !before.has(notice_id));
    for (const {notice_id} of past.filter(({ts_start}) => ts_start >= windowFromUs)) {
      this.withdrawn++;
      this.#gone.add(notice_id);
    }
    for (const {notice_id} of fresh) this.#gone.delete(notice_id);
    for (const id of this.#gone) {
      if (this.#gone.size <= mostIncidents) break;
      this.#gone.delete(id);
    }
    this.found += fresh.length;
    const rows = [...stay, ...now.map((row) => grown(row, before.get(row.notice_id), windowFromUs))];
    this.#rows = rows.slice(-mostIncidents);
    const isAsBefore = (row: NoticeRow) => {
      const old = before.get(row.notice_id);
      return old && old.flows === row.flows && old.ts_end === row.ts_end && old.summary === row.summary;
    };
    if (stay.length < past.length || !rows.every(isAsBefore)) this.version++;
    return fresh.length > 0 || stay.length < past.length;
  }

  /** All that is known of the capture: what was judged as a whole, and what the window tells beyond it. */
  with(judged: readonly NoticeRow[]): readonly NoticeRow[] {
    const live = keepIds(this.#rows, judged);
    const ids = new Set(live.map(({notice_id}) => notice_id));
    const rest = judged.filter(({notice_id}) => !ids.has(notice_id) && !this.#gone.has(notice_id));
    return [...rest, ...live].sort((a, b) => a.ts_start - b.ts_start);
  }
}

function grown(row: NoticeRow, before: NoticeRow | undefined, windowFromUs: number): NoticeRow {
  if (!before || before.ts_start >= windowFromUs) return row;
  const isLess = row.flows < before.flows;
  const {flows, summary, reasons} = isLess ? before : row;
  return {...row, ts_start: before.ts_start, flows, summary, reasons};
}

/** Notices of a capture as the lake has them, newest first, at most as many as a running capture keeps. */
export async function noticesOf(lake: string, capture: string): Promise<NoticeRow[]> {
  if (partFiles(lake, "notices", sealedParts(lake)).length === 0) return [];
  const engine = await openLake(lake, {threads: 1, memoryMb: 256, hasRollups: false});
  try {
    return await rowsOf(engine, capture);
  } finally {
    await engine.close();
  }
}

async function rowsOf(engine: QueryEngine, capture: string): Promise<NoticeRow[]> {
  const columns = noticeColumns.map(({name}) => name).join(", ");
  const {rows} = await engine.query(
    `SELECT ${columns} FROM notices WHERE capture_sha256 = ${literal(capture)} ORDER BY ts_end DESC, notice_id LIMIT ${mostIncidents}`
  );
  return rows.map(
    (row) =>
      Object.fromEntries(
        noticeColumns.map(({name, type}, k) => [name, type === "TIMESTAMP" ? Number(row[k]) : row[k]])
      ) as unknown as NoticeRow
  );
}

/**
 * Writes what is known of a running capture's incidents beside its first part, in place of what was written before.
 * The rules' hash is not in the file: the capture is still to be judged as a whole. False where nothing is sealed yet.
 */
export async function writeLiveNotices(
  lake: string,
  capture: string,
  live: LiveNotices,
  nowMs: number
): Promise<boolean> {
  if (sealedParts(lake).length === 0) return false;
  const engine = await openLake(lake, {threads: 1, memoryMb: 256, hasRollups: false});
  try {
    const home = (await capturesOf(engine, lake)).find((one) => one.capture === capture)?.parts[0];
    if (home === undefined) return false;
    const rows = live.with(await rowsOf(engine, capture));
    await writeTable(lake, "notices", [rowsToBatch(table("notices"), rows)], noticeFile(home), {}, nowMs);
    return true;
  } finally {
    await engine.close();
  }
}
