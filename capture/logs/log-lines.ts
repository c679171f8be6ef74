import type {ByteStream} from "../sources/bytes.ts";
import {LogProblem, type LogRecord} from "./log-flow.ts";

/** Longest line that is read, in bytes: an event with payload has some 100 kB. */
const maxLineBytes = 4 * 2 ** 20;

/** The lines of a text, without their ends; a longer one than is read is null. */
export async function* lines(bytes: ByteStream): AsyncGenerator<string | null> {
  const block = new Uint8Array(1 << 18);
  let rest: Uint8Array[] = [];
  let restBytes = 0;
  const text = (last: Uint8Array) => {
    const whole = restBytes + last.length > maxLineBytes ? null : Buffer.concat([...rest, last]).toString();
    rest = [];
    restBytes = 0;
    return whole?.endsWith("\r") ? whole.slice(0, -1) : whole;
  };
  for (let n = await bytes.read(block, 0, block.length); n > 0; n = await bytes.read(block, 0, block.length)) {
    let from = 0;
    for (let end = block.indexOf(10, from); end >= 0 && end < n; end = block.indexOf(10, from)) {
      yield text(block.subarray(from, end));
      from = end + 1;
    }
    restBytes += n - from;
    if (restBytes <= maxLineBytes) rest.push(block.slice(from, n));
    else rest = [];
  }
  if (restBytes > 0) yield text(new Uint8Array(0));
}

/** Makes records of the lines of one text; null for a line that is none (a head, a comment, an empty line). */
export interface LineReader {
  record(line: string): LogRecord | null;
}

/** What a text is by its first line that says something: JSON, a Zeek log, or a table with a head. */
export function lineReader(first: string): LineReader {
  if (first.startsWith("{")) return new JsonLines();
  return first.startsWith("#") ? new ZeekLines() : new TableLines();
}

/** One JSON object a line. Fields within objects and lists are named by a dot: `flow.start`, `vlan.0`. */
class JsonLines implements LineReader {
  record(line: string): LogRecord | null {
    if (line.trim() === "") return null;
    let fields: unknown;
    try {
      fields = JSON.parse(line);
    } catch {
      throw new LogProblem("expected a JSON object, found none");
    }
    if (fields === null || typeof fields !== "object") throw new LogProblem("expected a JSON object, found none");
    return {
      text: (name) => asText(fieldOf(fields as Fields, name)),
      has: (name) => asText(fieldOf(fields as Fields, name)) !== null
    };
  }
}

type Fields = Readonly<Record<string, unknown>>;

function fieldOf(fields: Fields, name: string): unknown {
  if (Object.hasOwn(fields, name)) return fields[name];
  const dot = name.indexOf(".");
  const inner = dot > 0 && Object.hasOwn(fields, name.slice(0, dot)) ? fields[name.slice(0, dot)] : null;
  return inner !== null && typeof inner === "object" ? fieldOf(inner as Fields, name.slice(dot + 1)) : null;
}

function asText(value: unknown): string | null {
  return value === null || value === undefined || value === "" || typeof value === "object" ? null : String(value);
}

/** Zeek's own form: lines with # say how the others are read, also in the middle where logs were put together. */
class ZeekLines implements LineReader {
  #separator = "\t";
  #unset = "-";
  #empty = "(empty)";
  #places: ReadonlyMap<string, number> = new Map();

  record(line: string): LogRecord | null {
    const text = line.startsWith("\t#") ? line.slice(1) : line;
    if (text.startsWith("#")) this.#directive(text);
    if (text === "" || text.startsWith("#")) return null;
    if (this.#places.size === 0) throw new LogProblem("expected #fields before the first record, found none");
    const cells = text.split(this.#separator);
    return recordOf(this.#places, cells, (cell) => cell === this.#unset || cell === this.#empty);
  }

  #directive(line: string): void {
    if (line.startsWith("#separator")) {
      const [, name = "\\x09"] = line.split(" ");
      this.#separator = name.replace(/\\x([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
      return;
    }
    const [name, ...values] = line.split(this.#separator);
    if (name === "#fields") this.#places = placesOf(values);
    else if (name === "#unset_field") this.#unset = values[0] ?? "-";
    else if (name === "#empty_field") this.#empty = values[0] ?? "(empty)";
  }
}

/** A table whose first line has the names of its columns, between commas, semicolons or tabs. */
class TableLines implements LineReader {
  #separator = ",";
  #places: ReadonlyMap<string, number> | null = null;
  #head = "";

  record(line: string): LogRecord | null {
    if (this.#places === null) {
      const head = line.replace(/^\uFEFF/, "");
      this.#separator = [",", ";", "\t"].reduce((best, one) => (count(head, one) > count(head, best) ? one : best));
      const names = cellsOf(head, this.#separator);
      // By their plain names, too: versions of a program write the same column with other case, blanks and signs.
      this.#places = new Map([...placesOf(names.map(plainName)), ...placesOf(names.map((name) => name.trim()))]);
      this.#head = line;
      return null;
    }
    // Tables that were put together have their head again.
    if (line.trim() === "" || line === this.#head) return null;
    const cells = cellsOf(line, this.#separator);
    return recordOf(this.#places, cells, (cell) => /^(?:-|nan|null|none)?$/i.test(cell));
  }
}

function recordOf(
  places: ReadonlyMap<string, number>,
  cells: readonly string[],
  isUnset: (cell: string) => boolean
): LogRecord {
  return {
    text(name) {
      const place = places.get(name);
      const cell = place === undefined ? undefined : cells[place]?.trim();
      return cell === undefined || cell === "" || isUnset(cell) ? null : cell;
    },
    has: (name) => places.has(name)
  };
}

/** The first of columns with the same name counts. */
function placesOf(names: readonly string[]): Map<string, number> {
  return new Map(names.map((name, place) => [name, place] as const).reverse());
}

function count(text: string, sign: string): number {
  return text.split(sign).length;
}

/** A name without case, blanks and signs: ` Flow Bytes/s` is `flow_bytes_s`. */
function plainName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_|_$/g, "");
}

/** The cells of a line, without their quotes (RFC 4180). A cell does not reach over the end of its line. */
function cellsOf(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator);
  const cells: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line[at] === '"') {
      let end = line.indexOf('"', at + 1);
      while (end >= 0 && line[end + 1] === '"') end = line.indexOf('"', end + 2);
      if (end < 0) throw new LogProblem("expected the end of a quoted cell, found that of the line");
      cells.push(line.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 2;
    } else {
      const end = line.indexOf(separator, at);
      cells.push(line.slice(at, end < 0 ? line.length : end));
      at = end < 0 ? line.length + 1 : end + 1;
    }
  }
  return cells;
}
