import {existsSync, mkdirSync, readdirSync, statSync, writeFileSync} from "node:fs";
import {join, resolve} from "node:path";
import {rebuildFiles, type WantedFile} from "../capture/packets/rebuilt-files.ts";
import {openLake} from "../loaders/lake/duckdb.ts";
import {fileCapturesSql, filesSql} from "../loaders/lake/files.ts";
import {printable} from "./progress.ts";
import {queryError} from "./query-output.ts";
import {type ExitCode, exit, UserError} from "./verb.ts";

interface FileRow extends WantedFile {
  /** The row's columns, for the list of what was written. */
  readonly facts: Readonly<Record<string, unknown>>;
}

interface CaptureFiles {
  readonly capture: string;
  readonly path: string;
  readonly format: string;
  readonly meter: string;
  readonly flows: ReadonlySet<bigint>;
  readonly files: readonly FileRow[];
}

/**
 * Writes the files that a condition selects, rebuilt from kept packets, into a new or empty folder, with `files.json` beside
 * them: a row of the lake for each, and its file. Fails (`exit.input`) where none could be rebuilt, or some not.
 */
export async function writeFiles(lake: string, where: string, folder: string, json: boolean): Promise<ExitCode> {
  let captures: CaptureFiles[];
  try {
    captures = await selected(lake, where);
  } catch (error) {
    throw queryError(error);
  }
  const output = resolve(folder);
  if (existsSync(output) && (!statSync(output).isDirectory() || readdirSync(output).length > 0))
    throw new UserError(exit.usage, `export: ${output} is not an empty folder; nothing was written`);
  const all = captures.reduce((sum, {files}) => sum + files.length, 0);
  if (all > 0) mkdirSync(output, {recursive: true, mode: 0o700});
  const list: Record<string, unknown>[] = [];
  const lost = new Map<string, number>();
  const written = new Map<string, string>();
  let unchecked = 0;
  for (const {files, ...flows} of captures) {
    const result = await rebuildFiles(lake, flows, files, output, written);
    for (const {row, file, isChecked} of result.rebuilt) {
      list.push({file, capture: flows.path, ...row.facts});
      if (!isChecked) unchecked++;
    }
    for (const {reason} of result.lost) {
      const words = `${flows.path} (${flows.capture.slice(0, 12)}): ${reason}`;
      lost.set(words, (lost.get(words) ?? 0) + 1);
    }
  }
  if (all > 0)
    writeFileSync(join(output, "files.json"), `${JSON.stringify(list, null, 2)}\n`, {flag: "wx", mode: 0o600});
  const report = {
    selected: all,
    files: list.length,
    contents: new Set(list.map(({file}) => file)).size,
    unchecked,
    lost: [...lost].map(([reason, files]) => ({reason, files})),
    output
  };
  if (json) console.log(JSON.stringify(report));
  else {
    const count = (number: number) => number.toLocaleString("en");
    for (const [reason, files] of lost) console.error(`flowbook: ${count(files)} not rebuilt: ${printable(reason)}`);
    console.error(
      all === 0
        ? `flowbook: no files ${where ? "match the condition" : "in the lake"}`
        : `flowbook: ${count(list.length)} of ${count(all)} files to ${output}, ${count(report.contents)} different ones; ${count(list.length - unchecked)} have the lake's digest${unchecked > 0 ? `, ${count(unchecked)} (bytes missing, or larger than 16 MiB) only its size` : ""}`
    );
    if (list.length > 0) console.error("flowbook: they may be malware: open them only where that does no harm");
  }
  return list.length === all && all > 0 ? exit.ok : exit.input;
}

async function selected(lake: string, where: string): Promise<CaptureFiles[]> {
  const engine = await openLake(lake);
  try {
    const {columns, rows} = await engine.query(filesSql(where));
    const names = columns.map(({name}) => name);
    const files = new Map<string, FileRow[]>();
    for (const row of rows) {
      const value = (name: string) => row[names.indexOf(name)];
      const text = (name: string) => (value(name) === null ? null : String(value(name)));
      const capture = String(value("capture_sha256"));
      const file: FileRow = {
        flow: BigInt(value("flow_id") as bigint | number),
        ts: Number(value("ts_us")),
        size: Number(value("size")),
        sha256: text("sha256"),
        name: text("name"),
        facts: Object.fromEntries(names.map((name) => [name, plain(name, value(name))]))
      };
      files.set(capture, [...(files.get(capture) ?? []), file]);
    }
    const flows = new Map<string, Set<bigint>>();
    for (const [flow, capture] of (await engine.query(fileCapturesSql(where))).rows) {
      const own = flows.get(String(capture)) ?? new Set();
      flows.set(String(capture), own.add(BigInt(flow as bigint | number)));
    }
    const captures = await engine.query(
      "SELECT capture_sha256, path, format, meter FROM captures ORDER BY first_ts, capture_sha256"
    );
    return captures.rows.flatMap(([capture, path, format, meter]) => {
      const key = String(capture);
      const own = files.get(key);
      if (!own) return [];
      return [
        {
          capture: key,
          path: String(path),
          format: String(format),
          meter: String(meter),
          flows: flows.get(key) ?? new Set<bigint>(),
          files: own
        }
      ];
    });
  } finally {
    await engine.close();
  }
}

/** A value as JSON has it: ids of flows, which it cannot hold as numbers, are texts. */
function plain(name: string, value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  return name === "flow_id" ? String(value) : Number(value);
}
