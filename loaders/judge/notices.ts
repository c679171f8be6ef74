import {createHash} from "node:crypto";
import {parsePart, partFiles, partOf, sealedParts} from "../../capture/partitions/layout.ts";
import {rowsToBatch} from "../../capture/partitions/rows-to-batch.ts";
import {writeTable} from "../../capture/partitions/write-table.ts";
import {evaluate} from "../../models/rules/evaluate.ts";
import {rules as allRules} from "../../models/rules/index.ts";
import type {Finding, Rule, Surroundings} from "../../models/rules/rule.ts";
import {rulesHash} from "../../models/rules/rules-hash.ts";
import {literal} from "../../schema/ddl.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import type {NoticeRow} from "../../schema/notices.ts";
import {table} from "../../schema/tables.ts";
import {openLake} from "../lake/duckdb.ts";
import {keepIds} from "./same-incident.ts";

export interface DetectOptions extends Surroundings {
  readonly lake: string;
  /** Wall clock, in ms since 1970. */
  readonly clock: () => number;
  /** Judges captures again that the present rules have judged. */
  readonly force?: boolean;
  /** A query of one rule is stopped after this long. */
  readonly timeoutMs?: number;
}

export interface Detected {
  /** Captures judged now. */
  readonly captures: number;
  /** Notices raised for them. */
  readonly notices: number;
}

/** Flows judged in one query at most, unless a single capture has more. */
const flowsAtOnce = 2_000_000;
/** Captures judged in one query at most. */
const capturesAtOnce = 1000;
const hashKey = "flowbook.rules";

/**
 * Judges the captures that the present rules have not judged and writes their notices: `notices/<part>.rules.parquet`,
 * without rows where nothing was found, with the rules' hash in its metadata. A file takes the place of the one that
 * older rules left, so the view `notices` shows each incident once at every moment. A capture is judged as a whole,
 * over all parts of its last import; its notices lie with the first of them, and an incident keeps the id it was first
 * told by. Running it again does nothing.
 */
export async function detectNotices(options: DetectOptions): Promise<Detected> {
  const {lake, clock, localNets, force = false, timeoutMs = 600_000} = options;
  const surroundings = {localNets};
  if (sealedParts(lake).length === 0) return {captures: 0, notices: 0};
  const engine = await openLake(lake, {timeoutMs, maxRows: 10_000_000, hasRollups: false});
  try {
    const hash = rulesHash(surroundings);
    const judged = force ? new Set<string>() : await judgedParts(engine, lake, hash);
    const stale = new Set(sealedParts(lake).filter((part) => !judged.has(part)));
    if (stale.size === 0) return {captures: 0, notices: 0};
    const all = await capturesOf(engine, lake);
    const homes = new Set(all.filter(({parts}) => parts.some((part) => stale.has(part))).map(({parts}) => parts[0]));
    // A part may hold captures that are not stale themselves: they share its file.
    const again = all.filter(({parts}) => homes.has(parts[0]));
    const rows = keepIds(await judge(engine, allRules, again, surroundings), await toldOf(engine, again));
    const files = [...homes, ...[...stale].filter((part) => !homes.has(part))];
    for (const part of files) {
      const own = new Set(again.filter(({parts}) => parts[0] === part).map(({capture}) => capture));
      const batch = rowsToBatch(
        table("notices"),
        rows.filter((row) => own.has(row.capture_sha256))
      );
      await writeTable(lake, "notices", [batch], noticeFile(part), {[hashKey]: hash}, clock());
    }
    return {captures: again.length, notices: rows.length};
  } finally {
    await engine.close();
  }
}

/** The file of a part's notices. */
export function noticeFile(part: string): string {
  return `${part}.rules.parquet`;
}

export interface CaptureParts {
  readonly capture: string;
  readonly flows: number;
  /** Parts of its last import that hold it, oldest first. */
  readonly parts: readonly string[];
}

/** The parts whose notices were made by the rules of this hash. */
async function judgedParts(engine: QueryEngine, lake: string, hash: string): Promise<Set<string>> {
  const files = partFiles(lake, "notices");
  if (files.length === 0) return new Set();
  const {rows} = await engine.query(
    `SELECT file_name FROM parquet_kv_metadata([${files.map(({path}) => literal(path)).join(", ")}])
     WHERE decode(key) = ${literal(hashKey)} AND decode(value) = ${literal(hash)}`
  );
  const current = new Set(rows.map(([name]) => String(name)));
  return new Set(files.filter(({path}) => current.has(path)).map(({part}) => part));
}

/** Every capture of the lake with the parts of its last import. */
export async function capturesOf(engine: QueryEngine, lake: string): Promise<CaptureParts[]> {
  const files = partFiles(lake, "captures");
  const {rows} = await engine.query(
    `SELECT capture_sha256, parse_filename(filename), CAST(sum(flows) AS BIGINT)
     FROM read_parquet([${files.map(({path}) => literal(path)).join(", ")}], filename = true, hive_partitioning = false)
     GROUP BY ALL ORDER BY capture_sha256`
  );
  const order = new Map(sealedParts(lake).map((part, k) => [part, k]));
  const age = (part: string) => order.get(part) ?? -1;
  const byCapture = new Map<string, {part: string; flows: number}[]>();
  for (const [hash, file, flows] of rows) {
    const capture = String(hash);
    byCapture.set(capture, [...(byCapture.get(capture) ?? []), {part: partOf(String(file)), flows: Number(flows)}]);
  }
  return [...byCapture].map(([capture, all]) => {
    const sorted = all.sort((a, b) => age(a.part) - age(b.part));
    const {run} = parsePart(sorted[sorted.length - 1].part);
    const last = sorted.filter(({part}) => parsePart(part).run === run);
    return {capture, flows: last.reduce((sum, {flows}) => sum + flows, 0), parts: last.map(({part}) => part)};
  });
}

/** What was told of these captures before. */
async function toldOf(engine: QueryEngine, captures: readonly CaptureParts[]) {
  const {epochUs} = engine.dialect;
  const judged = new Set(captures.map(({capture}) => capture));
  const {rows} = await engine.query(
    `SELECT notice_id, capture_sha256, rule, src_ip, dst_ip, dst_port, ${epochUs("ts_start")}, ${epochUs("ts_end")} FROM notices ORDER BY notice_id`
  );
  return rows
    .filter(([, capture]) => judged.has(String(capture)))
    .map(([id, capture, rule, src, dst, port, start, end]) => ({
      notice_id: String(id),
      capture_sha256: String(capture),
      rule: String(rule),
      src_ip: src === null ? null : String(src),
      dst_ip: dst === null ? null : String(dst),
      dst_port: port === null ? null : Number(port),
      ts_start: Number(start),
      ts_end: Number(end)
    }));
}

async function judge(
  engine: QueryEngine,
  rules: readonly Rule[],
  captures: readonly CaptureParts[],
  surroundings: Surroundings
): Promise<NoticeRow[]> {
  const rows: NoticeRow[] = [];
  let batch: string[] = [];
  let flows = 0;
  const finish = async () => {
    rows.push(...(await evaluate(engine, rules, batch, surroundings)).map((finding) => noticeRow(finding, rules)));
    batch = [];
    flows = 0;
  };
  for (const capture of captures) {
    if (batch.length >= capturesAtOnce || (batch.length > 0 && flows + capture.flows > flowsAtOnce)) await finish();
    batch.push(capture.capture);
    flows += capture.flows;
  }
  await finish();
  return rows;
}

/** A finding as a row of `notices`. */
export function noticeRow(finding: Finding, rules: readonly Rule[] = allRules): NoticeRow {
  const rule = rules.find(({name}) => name === finding.rule);
  if (!rule) throw new Error(`no rule ${finding.rule}`);
  const {capture_sha256, src_ip, dst_ip, dst_port, ts_start, ts_end, summary} = finding;
  const key = [capture_sha256, finding.rule, src_ip, dst_ip, dst_port, ts_start].join("\0");
  return {
    notice_id: createHash("sha256").update(key).digest("hex").slice(0, 16),
    capture_sha256,
    ts_start,
    ts_end,
    rule: rule.name,
    attack_technique: finding.attackTechnique ?? rule.attackTechnique,
    severity: finding.severity ?? rule.severity,
    src_ip,
    dst_ip,
    dst_port,
    flows: BigInt(Math.round(finding.flows)),
    summary,
    reasons: JSON.stringify(finding.reasons)
  };
}
