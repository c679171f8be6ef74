import {createHash} from "node:crypto";
import {mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from "node:fs";
import {join, sep} from "node:path";
import type {LakeEngine} from "../lake/duckdb.ts";
import {textStream} from "./export.ts";
import {ndjson} from "./text-formats.ts";

/** A statement with its answer, as a bundle keeps it. */
export interface BundledQuery {
  readonly name: string;
  readonly sql: string;
  readonly rows: number;
  /** Of `results/<name>.ndjson`. */
  readonly sha256: string;
}

export interface BundleManifest {
  readonly format: "flowbook evidence 1";
  readonly flowbook: string;
  readonly madeAt: string;
  /** Hash of the model, and of the rules with their limits. */
  readonly model: string;
  readonly rules: string;
  /** What was redacted, in words; absent where nothing was. Then hashes of captures are keyed, and cannot be checked against files. */
  readonly redacted?: string;
  readonly captures: readonly {readonly sha256: string; readonly name: string; readonly packets: number}[];
  readonly queries: readonly BundledQuery[];
  /** Every other file of the bundle, with its hash. */
  readonly files: Readonly<Record<string, string>>;
}

/** What a bundle's statements ask: enough that two lakes of the same captures agree on all of it only where they are alike. */
export const bundledStatements: Readonly<Record<string, string>> = {
  captures: "SELECT capture_sha256, packets, wire_bytes, malformed, flows, first_ts, last_ts FROM captures ORDER BY 1",
  flows: `SELECT capture_sha256, proto, service, conn_state, count(*) AS flows, sum(src_pkts) AS src_pkts, sum(dst_pkts) AS dst_pkts,
  sum(src_wire_bytes) AS src_wire_bytes, sum(dst_wire_bytes) AS dst_wire_bytes, bit_xor(flow_id) AS ids
FROM flows GROUP BY ALL ORDER BY ALL`,
  verdicts:
    "SELECT capture_sha256, label, is_anomaly, count(*) AS flows, bit_xor(flow_id) AS ids FROM verdicts GROUP BY ALL ORDER BY ALL",
  incidents: `SELECT incident_id, capture_sha256, ts_start, ts_end, class, round(probability, 4) AS probability, severity, attack_technique,
  src_ip, dst_ip, dst_port, flows, summary
FROM incidents WHERE merged_into IS NULL ORDER BY ts_start, incident_id`,
  incident_flows: "SELECT incident_id, flow_id FROM incident_flows ORDER BY ALL"
};

export const manifestName = "manifest.json";
/** Holds the manifest's own hash. */
export const sealName = "manifest.sha256";

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

/** The answer to a statement as NDJSON, the same on every machine. */
export async function resultText(engine: LakeEngine, sql: string): Promise<{text: Buffer; rows: number}> {
  const counted = {rows: 0};
  const pieces: Uint8Array[] = [];
  for await (const piece of textStream(await engine.stream(sql), ndjson, counted)) pieces.push(piece);
  return {text: Buffer.concat(pieces), rows: counted.rows};
}

/** Writes answers, manifest and seal into a folder that holds the report already. */
export async function sealBundle(
  folder: string,
  engine: LakeEngine,
  statements: Readonly<Record<string, string>>,
  about: Pick<BundleManifest, "flowbook" | "madeAt" | "model" | "rules" | "redacted">
): Promise<BundleManifest> {
  mkdirSync(join(folder, "results"), {recursive: true});
  const queries: BundledQuery[] = [];
  for (const [name, sql] of Object.entries(statements)) {
    const {text, rows} = await resultText(engine, sql);
    writeFileSync(join(folder, "results", `${name}.ndjson`), text);
    queries.push({name, sql, rows, sha256: sha256(text)});
  }
  const {rows} = await engine.query("SELECT capture_sha256, parse_filename(path), packets FROM captures ORDER BY 1");
  const captures = rows.map(([hash, name, packets]) => ({
    sha256: String(hash),
    name: String(name),
    packets: Number(packets)
  }));
  const files = Object.fromEntries(
    bundledFiles(folder).map((name) => [name, sha256(readFileSync(join(folder, name)))])
  );
  const manifest: BundleManifest = {format: "flowbook evidence 1", ...about, captures, queries, files};
  const text = `${JSON.stringify(manifest, null, 1)}\n`;
  writeFileSync(join(folder, manifestName), text);
  writeFileSync(join(folder, sealName), `${sha256(text)}\n`);
  return manifest;
}

/** What differs between a bundle and what its manifest says of it, a line each; the manifest where it can be read. */
export function checkFiles(folder: string): {manifest: BundleManifest | null; differences: string[]} {
  const differences: string[] = [];
  const text = readOr(join(folder, manifestName));
  if (text === null) return {manifest: null, differences: [`${manifestName} is not there`]};
  const seal = readOr(join(folder, sealName));
  if (seal === null) differences.push(`${sealName} is not there`);
  else if (String(seal) !== `${sha256(text)}\n`) differences.push(`${manifestName} or ${sealName} was changed`);
  let manifest: BundleManifest;
  try {
    const read: unknown = JSON.parse(String(text));
    if ((read as BundleManifest | null)?.format !== "flowbook evidence 1") throw new Error("it is of another format");
    if (!isManifest(read)) throw new Error("fields are missing, or of other types");
    manifest = read;
  } catch (error) {
    return {
      manifest: null,
      differences: [...differences, `${manifestName} cannot be read: ${(error as Error).message}`]
    };
  }
  const found = new Set(bundledFiles(folder));
  for (const [name, hash] of Object.entries(manifest.files)) {
    if (!found.delete(name)) differences.push(`${name} is not there`);
    else if (sha256(readFileSync(join(folder, name))) !== hash) differences.push(`${name} was changed`);
  }
  for (const name of found) differences.push(`${name} was added`);
  return {manifest, differences};
}

/** Whether a manifest has all fields: a bundle comes from somebody else. */
function isManifest(read: unknown): read is BundleManifest {
  const {flowbook, madeAt, model, rules, redacted = "", captures, queries, files} = read as Record<string, unknown>;
  const areTexts = (...values: unknown[]) => values.every((value) => typeof value === "string");
  const areObjects = (list: unknown): list is Record<string, unknown>[] =>
    Array.isArray(list) && list.every((one) => typeof one === "object" && one !== null);
  return (
    areTexts(flowbook, madeAt, model, rules, redacted) &&
    areObjects(captures) &&
    captures.every(({sha256, name}) => areTexts(sha256, name)) &&
    areObjects(queries) &&
    queries.every(({name, sql, sha256}) => areTexts(name, sql, sha256)) &&
    areObjects([files]) &&
    areTexts(...Object.values(files as object))
  );
}

/** Asks a lake what the bundle asked; what is answered otherwise, a line each. */
export async function checkAnswers(folder: string, {queries}: BundleManifest, engine: LakeEngine): Promise<string[]> {
  const differences: string[] = [];
  for (const {name, sql, rows, sha256: hash} of queries) {
    try {
      const now = await resultText(engine, sql);
      if (sha256(now.text) === hash) continue;
      const before = String(readOr(join(folder, "results", `${name}.ndjson`)) ?? "").split("\n");
      const after = String(now.text).split("\n");
      const at = before.findIndex((line, k) => line !== after[k]);
      differences.push(
        `${name}: ${rows} rows then, ${now.rows} now; row ${at + 1}: ${fieldsThatDiffer(before[at], after[at])}`
      );
    } catch (error) {
      differences.push(`${name}: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  return differences;
}

/** What differs between two rows, field by field: a row may have texts of thousands of characters. */
function fieldsThatDiffer(before = "", after = ""): string {
  if (before === "" || after === "") return `was ${clipped(before || "none", 0)}, is ${clipped(after || "none", 0)}`;
  const [then, now] = [rowIn(before), rowIn(after)];
  return [...new Set([...Object.keys(then), ...Object.keys(now)])]
    .map((field) => ({field, was: JSON.stringify(then[field]) ?? "none", is: JSON.stringify(now[field]) ?? "none"}))
    .filter(({was, is}) => was !== is)
    .map(({field, was, is}) => {
      const at = [...was].findIndex((letter, k) => letter !== is[k]);
      return `${field} was ${clipped(was, at < 0 ? was.length : at)}, is ${clipped(is, at < 0 ? was.length : at)}`;
    })
    .join("; ");
}

function rowIn(line: string): Record<string, unknown> {
  try {
    const row: unknown = JSON.parse(line);
    return typeof row === "object" && row !== null ? (row as Record<string, unknown>) : {row};
  } catch {
    return {row: line};
  }
}

/** The stretch of a text around a place in it. */
function clipped(text: string, at: number): string {
  const from = Math.max(0, at - 30);
  const to = from + 100;
  return `${from > 0 ? "…" : ""}${text.slice(from, to)}${to < text.length ? "…" : ""}`;
}

/** Files of a bundle but for manifest, seal and signature. */
function bundledFiles(folder: string): string[] {
  return readdirSync(folder, {recursive: true, encoding: "utf8"})
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.split(sep).join("/"))
    .filter((name) => name !== manifestName && name !== sealName && name !== `${manifestName}.sig`)
    .sort();
}

function readOr(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
