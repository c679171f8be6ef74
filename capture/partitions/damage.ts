import {closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, statSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import type {TableName} from "../../schema/tables.ts";
import {noteBytes, readSmallFile} from "./small-file.ts";

/** A file of the lake that readers leave out, and why. */
export interface Damage {
  readonly table: TableName;
  /** Its name in the table's folder. */
  readonly file: string;
  readonly problem: string;
}

const magic = "PAR1";
/** Magic at both ends, and the length of the metadata before the last one. */
const leastBytes = 12;
/** Metadata are read whole; a merged file of thousands of row groups has a hundredth of this. */
const mostMetadata = 256 << 20;

/** Size and time of files whose ends were in order: looked at again only where these have changed. */
const whole = new Map<string, string>();
const mostRemembered = 200_000;

/** Why a Parquet file cannot be one: empty, cut short, overwritten, unreadable; null where its two ends are in order. */
export function damageOf(path: string): string | null {
  const stat = statSync(path, {throwIfNoEntry: false});
  const stamp = `${stat?.size} ${stat?.mtimeMs}`;
  if (whole.get(path) === stamp) return null;
  const problem = look(path);
  if (problem === null) {
    if (whole.size >= mostRemembered) whole.clear();
    whole.set(path, stamp);
  }
  return problem;
}

function look(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    return (error as Error).message;
  }
  try {
    const {size} = fstatSync(file);
    if (size === 0) return "is empty";
    if (size < leastBytes) return `has ${size} bytes, fewer than a Parquet file can have`;
    const ends = Buffer.alloc(leastBytes);
    readSync(file, ends, 0, 4, 0);
    readSync(file, ends, 4, 8, size - 8);
    if (ends.toString("latin1", 0, 4) !== magic) return "does not begin as a Parquet file does";
    if (ends.toString("latin1", 8) !== magic) return "is cut short, or overwritten at its end";
    const metadata = ends.readUInt32LE(4);
    if (metadata > mostMetadata) return `says that its metadata have ${metadata} bytes, more than any of ours`;
    return metadata + leastBytes > size ? `says that its metadata have ${metadata} bytes, and is shorter` : null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    closeSync(file);
  }
}

/** Files that were found damaged inside, where a look at their ends shows nothing: `LAKE/.damaged/<table>.<file>`. */
const marksFolder = (lake: string) => join(lake, ".damaged");

/** Marks of lakes that cannot be written, by path of the mark. */
const unwritten = new Map<string, string>();

/** Has readers leave a file out from now on. */
export function markDamaged(lake: string, {table, file, problem}: Damage): void {
  const path = join(marksFolder(lake), `${table}.${file}`);
  try {
    mkdirSync(marksFolder(lake), {mode: 0o700, recursive: true});
    writeFileSync(path, problem, {mode: 0o600});
  } catch {
    unwritten.set(path, problem);
  }
}

/** The marks of a lake: problem by `<table>.<file>`. */
export function damageMarks(lake: string): ReadonlyMap<string, string> {
  const folder = marksFolder(lake);
  const marks = new Map<string, string>();
  for (const [path, problem] of unwritten)
    if (path.startsWith(join(folder, "/"))) marks.set(path.slice(folder.length + 1), problem);
  let names: string[] = [];
  try {
    names = readdirSync(folder, {withFileTypes: true})
      .filter((entry) => entry.isFile())
      .map(({name}) => name);
  } catch {
    return marks;
  }
  for (const name of names) marks.set(name, textOf(join(folder, name)));
  return marks;
}

function textOf(path: string): string {
  try {
    return readSmallFile(path, noteBytes);
  } catch (error) {
    return (error as Error).message;
  }
}
