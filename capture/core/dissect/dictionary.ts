import {allocate, moved, release} from "./heap";
import {hashOf, isSame} from "./text";

/** Distinct texts of a column, each kept once, in the form in which they go to the writer. */
@unmanaged
export class Dictionary {
  /** Texts so far. */
  count: i32 = 0;
  /** For each in turn its length (u32, little endian) and its bytes. */
  bytes: u32 = 0;
  used: u32 = 0;
  room: u32 = 0;
  /** By code: hash, and place in `bytes`. */
  entries: u32 = 0;
  entryRoom: u32 = 0;
  /** Codes plus one, by hash; twice as many places as entries. */
  table: u32 = 0;
  mask: u32 = 0;
  /** Code of the text last asked for: many columns have few. */
  recent: i32 = 0;
}

const FIRST_TEXTS: u32 = 128;
const FIRST_BYTES: u32 = 4096;

/** Makes it empty and without memory; it takes some with its first text. */
export function openDictionary(d: Dictionary): void {
  memory.fill(changetype<usize>(d), 0, offsetof<Dictionary>());
}

/** Code of the text, which is kept where it is new; -1 where memory is out. */
export function intern(d: Dictionary, at: usize, length: u32): i32 {
  if (d.count > 0 && isEntry(d, d.recent, at, length)) return d.recent;
  const hash = hashOf(at, length);
  if (<u32>d.count === d.entryRoom && !moreEntries(d) && d.count === 0) return -1;
  let place = hash & d.mask;
  for (;;) {
    const code = load<i32>(<usize>d.table + (<usize>place << 2)) - 1;
    if (code < 0) break;
    if (load<u32>(<usize>d.entries + (<usize>code << 3)) === hash && isEntry(d, code, at, length)) {
      d.recent = code;
      return code;
    }
    place = (place + 1) & d.mask;
  }
  // Still full: what is known was found all the same.
  if (<u32>d.count === d.entryRoom) return -1;
  const start = d.used;
  const end = start + 4 + length;
  if (end > d.room && !moreBytes(d, end)) return -1;
  store<u32>(<usize>d.bytes + start, length);
  memory.copy(<usize>d.bytes + start + 4, at, length);
  d.used = end;
  const code = d.count++;
  const entry = <usize>d.entries + (<usize>code << 3);
  store<u32>(entry, hash);
  store<u32>(entry, start, 4);
  store<i32>(<usize>d.table + (<usize>place << 2), code + 1);
  d.recent = code;
  return code;
}

/** Forgets all texts; the memory stays. */
export function clearDictionary(d: Dictionary): void {
  if (d.count === 0) return;
  memory.fill(d.table, 0, (<usize>d.mask + 1) << 2);
  d.count = 0;
  d.used = 0;
}

// @ts-ignore: decorator
@inline
function isEntry(d: Dictionary, code: i32, at: usize, length: u32): bool {
  const entry = <usize>d.bytes + load<u32>(<usize>d.entries + (<usize>code << 3), 4);
  return load<u32>(entry) === length && isSame(entry + 4, at, length);
}

function moreEntries(d: Dictionary): bool {
  const room = d.entryRoom === 0 ? FIRST_TEXTS : d.entryRoom * 2;
  const table = allocate(<usize>room << 3);
  if (table === 0) return false;
  const entries = moved(d.entries, <usize>d.entryRoom << 3, <usize>d.count << 3, <usize>room << 3);
  if (entries === 0) {
    release(table, <usize>room << 3);
    return false;
  }
  if (d.table !== 0) release(d.table, (<usize>d.mask + 1) << 2);
  d.entries = <u32>entries;
  d.table = <u32>table;
  d.entryRoom = room;
  d.mask = room * 2 - 1;
  memory.fill(table, 0, <usize>room << 3);
  for (let code = 0; code < d.count; code++) {
    let place = load<u32>(entries + (<usize>code << 3)) & d.mask;
    while (load<u32>(table + (<usize>place << 2)) !== 0) place = (place + 1) & d.mask;
    store<i32>(table + (<usize>place << 2), code + 1);
  }
  return true;
}

function moreBytes(d: Dictionary, needed: u32): bool {
  let room = d.room === 0 ? FIRST_BYTES : d.room * 2;
  while (room < needed) room *= 2;
  const bytes = moved(d.bytes, d.room, d.used, room);
  if (bytes === 0) return false;
  d.bytes = <u32>bytes;
  d.room = room;
  return true;
}
