import {mkdirSync, rmSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {partFiles} from "../../capture/partitions/layout.ts";
import {literal, quoted} from "../../schema/ddl.ts";
import {type TableName, tables} from "../../schema/tables.ts";
import {kindOf, type TextKind} from "../../schema/text-kinds.ts";
import {verdictRows} from "../../schema/verdicts.ts";
import {type LakeEngine, openLake} from "../lake/duckdb.ts";
import type {PageTable} from "../lake/page-tables.ts";
import {commonScoredBy} from "../lake/scored-files.ts";
import type {Redaction} from "./redaction.ts";

/** What of a lake was redacted: distinct texts by what they were, and columns that were left out. */
export interface RedactionReport {
  readonly counts: Readonly<Partial<Record<TextKind, number>>>;
  readonly leftOut: readonly string[];
  readonly shiftedBy: string | null;
}

/** The order in which texts are redacted: sentences come last, when all names are known. */
const order: readonly TextKind[] = ["address", "mac", "name", "user", "payload", "off", "path", "text", "findings"];

/**
 * Writes a lake anew without what the policy keeps back; `folder` lies where it may. Ids are hashed with the key, so that
 * nobody finds an address by trying all.
 */
export async function writeRedactedLake(lake: string, folder: string, redaction: Redaction): Promise<RedactionReport> {
  mkdirSync(folder, {recursive: true, mode: 0o700});
  const engine = await openLake(lake, {exportFolder: folder, timeoutMs: 900_000, maxRows: 5_000_000});
  try {
    const kept: {table: TableName; sql: string}[] = [];
    const counts: Partial<Record<TextKind, number>> = {};
    const leftOut: string[] = [];
    const maps = await mapsOf(engine, folder, redaction, counts);
    for (const {name, columns} of tables) {
      const source = name === "verdicts" ? verdictRows : name;
      const shown = columns.map((column) => {
        const at = quoted(column.name);
        const {type, nullable} = column as {type: string; nullable?: boolean};
        if (type === "TIMESTAMP") return `${at} + to_microseconds(CAST(${redaction.shiftUs} AS BIGINT)) AS ${at}`;
        if (column.name === "flow_id") return `${hashedId("flow", redaction)} AS ${at}`;
        if (type !== "VARCHAR") return at;
        const kind = kindOf(name, column.name);
        if (kind === "keep") return at;
        if (kind === "id16" || kind === "id64") return `${hashedText(at, kind, redaction)} AS ${at}`;
        if (kind === "off") leftOut.push(`${name}.${column.name}`);
        const none = nullable ? "CAST(NULL AS VARCHAR)" : "'(removed)'";
        if (kind === "off" || !maps.has(kind)) return `${none} AS ${at}`;
        const mapped = `(SELECT substr(any_value(m.new), 3) FROM map_${kind} AS m WHERE m.old = 'v:' || t.${at})`;
        return `${nullable ? mapped : `coalesce(${mapped}, '(removed)')`} AS ${at}`;
      });
      kept.push({table: name, sql: `SELECT ${shown.join(", ")} FROM ${quoted(source)} AS t`});
    }
    // A part exists from the moment that its file in captures does.
    kept.sort((a, b) => Number(a.table === "captures") - Number(b.table === "captures"));
    for (const {table, sql} of kept) {
      mkdirSync(join(folder, table), {mode: 0o700});
      const metadata = table === "verdicts" ? commonScoredBy(partFiles(lake, table).map(({path}) => path)) : {};
      const bounds = {tables: [...maps.values()], metadata};
      await engine.copyToParquet(sql, join(folder, table, `${part}.parquet`), [], bounds);
    }
    for (const {from} of maps.values()) if ("file" in from) rmSync(from.file);
    const weeks = redaction.shiftUs / (7 * 86_400_000_000);
    return {counts, leftOut, shiftedBy: weeks === 0 ? null : "a whole number of weeks"};
  } finally {
    await engine.close();
  }
}

const part = "redacted-1";

/** A text of each kind with what stands in its place, as files that SQL joins; kinds without any text have none. */
async function mapsOf(
  engine: LakeEngine,
  folder: string,
  redaction: Redaction,
  counts: Partial<Record<TextKind, number>>
): Promise<Map<TextKind, PageTable>> {
  const maps = new Map<TextKind, PageTable>();
  for (const kind of order) {
    const selects = tables.flatMap(({name, columns}) =>
      columns
        .filter((column) => column.type === "VARCHAR" && kindOf(name, column.name) === kind)
        .map(
          (column) => `SELECT ${quoted(column.name)} AS v FROM ${quoted(name)} WHERE ${quoted(column.name)} IS NOT NULL`
        )
    );
    if (selects.length === 0) continue;
    const {rows} = await engine.query(`SELECT DISTINCT v FROM (${selects.join(" UNION ALL ")})`);
    const lines = rows.flatMap(([text]) => {
      const made = redaction.redact(kind, String(text));
      // A letter in front: what looks like a number stays a text.
      return made === null ? [] : `${JSON.stringify({old: `v:${text}`, new: `v:${made}`})}\n`;
    });
    if (rows.length > 0) counts[kind] = rows.length;
    if (lines.length === 0) continue;
    const file = join(folder, `map-${kind}.ndjson`);
    writeFileSync(file, lines.join(""), {mode: 0o600});
    maps.set(kind, {name: `map_${kind}`, from: {file}});
  }
  return maps;
}

/** 63 bits of a keyed hash of a flow's id and its capture. */
function hashedId(purpose: string, redaction: Redaction): string {
  const text = `${literal(`${redaction.secret} ${purpose} `)} || flow_id || ' ' || capture_sha256`;
  return `CAST(md5_number_lower(${text}) >> 1 AS BIGINT)`;
}

function hashedText(at: string, kind: "id16" | "id64", redaction: Redaction): string {
  const hash = `sha256(${literal(`${redaction.secret} ${kind} `)} || t.${at})`;
  return kind === "id64" ? hash : `substr(${hash}, 1, 16)`;
}
