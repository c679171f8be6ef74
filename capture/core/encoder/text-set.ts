import {cells, input, slotCount, slots, sources, texts} from "./memory";

/** What is told of a piece: its rows, its texts, and their bytes. */
const PIECE_BYTES: usize = 12;
const FIRST_MASK: u32 = 1023;
/**
 * Slots looked at for a text. Where all are taken by others it is kept once more, with a code of its own: texts that
 * somebody made to collide take room, not time.
 */
const MOST_PROBES: u32 = 64;

/** What `gatherTexts` says of codes without a text, and of texts cut short. */
const NO_TEXT: i32 = -1;
const CUT_SHORT: i32 = -2;

let distinct: u32 = 0;
let end: usize = 0;
let mask: u32 = 0;

/**
 * Brings a column of texts, whose rows came in pieces with texts of their own each, to one dictionary in `texts`. Its
 * texts are numbered as they occur; those that no row has are left out. `input` holds the rows' codes, which become those
 * of the dictionary; `sources` for each piece its rows, its texts and their bytes (u32), behind all these the pieces'
 * texts (for each its length, u32, and its bytes), then room of eight bytes for each text of the piece with the most.
 * Returns how many texts the dictionary has, or what is wrong with the pieces.
 */
export function gatherTexts(pieces: u32, sourceBytes: u32): i32 {
  distinct = 0;
  end = texts;
  mask = FIRST_MASK;
  memory.fill(slots, 0, (<usize>mask + 1) << 2);
  let source = sources + <usize>pieces * PIECE_BYTES;
  const found = source + <usize>sourceBytes;
  let cell = input;
  for (let k: u32 = 0; k < pieces; k++) {
    const piece = sources + <usize>k * PIECE_BYTES;
    const count = load<u32>(piece, 4);
    const next = source + <usize>load<u32>(piece, 8);
    if (!find(source, next, count, found)) return CUT_SHORT;
    for (let last = cell + ((<usize>load<u32>(piece)) << 2); cell < last; cell += 4) {
      const code = load<i32>(cell);
      if (code < 0) continue;
      if (<u32>code >= count) return NO_TEXT;
      const place = found + ((<usize>code) << 3);
      let own = load<u32>(place, 4);
      if (own === 0) {
        own = codeOf(<usize>load<u32>(place)) + 1;
        store<u32>(place, own, 4);
      }
      store<u32>(cell, own - 1);
    }
    source = next;
  }
  return <i32>distinct;
}

/** Bytes of the dictionary. */
export function gatheredBytes(): u32 {
  return <u32>(end - texts);
}

/** Notes by code where each text of a piece is, and that it has no code yet; false where they are cut short. */
function find(from: usize, last: usize, count: u32, found: usize): bool {
  let at = from;
  for (let code: u32 = 0; code < count; code++) {
    if (last - at < 4) return false;
    const length = <usize>load<u32>(at);
    if (last - at - 4 < length) return false;
    store<u64>(found + ((<usize>code) << 3), at);
    at += length + 4;
  }
  return true;
}

/** The dictionary's code of the text whose length stands at `at`. */
function codeOf(at: usize): u32 {
  const length = load<u32>(at);
  const hash = hashOf(at + 4, length);
  let slot = hash & mask;
  let probes: u32 = 0;
  for (; probes < MOST_PROBES; probes++, slot = (slot + 1) & mask) {
    const code = load<u32>(slots + ((<usize>slot) << 2)) - 1;
    if (code === u32.MAX_VALUE) break;
    const cell = cells + ((<usize>code) << 3);
    if (load<u32>(cell) !== hash) continue;
    const own = <usize>load<u32>(cell, 4);
    if (load<u32>(own) === length && memory.compare(own + 4, at + 4, length) === 0) return code;
  }
  const code = distinct++;
  store<u32>(cells + ((<usize>code) << 3), hash);
  store<u32>(cells + ((<usize>code) << 3), <u32>end, 4);
  memory.copy(end, at, <usize>length + 4);
  end += <usize>length + 4;
  if (distinct * 2 > mask && mask + 1 < slotCount) growSlots();
  else if (probes < MOST_PROBES) store<u32>(slots + ((<usize>slot) << 2), distinct);
  return code;
}

function growSlots(): void {
  mask = min<u32>((mask + 1) << 2, slotCount) - 1;
  memory.fill(slots, 0, (<usize>mask + 1) << 2);
  for (let code: u32 = 0; code < distinct; code++) {
    let slot = load<u32>(cells + ((<usize>code) << 3)) & mask;
    let probes: u32 = 0;
    for (; probes < MOST_PROBES && load<u32>(slots + ((<usize>slot) << 2)) !== 0; probes++) slot = (slot + 1) & mask;
    if (probes < MOST_PROBES) store<u32>(slots + ((<usize>slot) << 2), code + 1);
  }
}

/** Four bytes at a time by the multiplier of MurmurHash3, its finish at the end. */
function hashOf(at: usize, length: u32): u32 {
  let hash = length;
  const last = at + <usize>length;
  for (; at + 4 <= last; at += 4) {
    hash = (hash ^ load<u32>(at)) * 0x9e3779b1;
    hash ^= hash >> 15;
  }
  for (; at < last; at++) hash = (hash ^ load<u8>(at)) * 0x9e3779b1;
  hash ^= hash >> 16;
  hash *= 0x85ebca6b;
  return hash ^ (hash >> 13);
}
