import {writeAddressText} from "./address-text";
import {beginColumn, noteNull, noteValue, writeIndexes} from "./column";
import {indexes, input, keys, order, slotCount, slots, texts} from "./memory";
import {findBounds} from "./texts";

/** Bytes of a key: the address, then its version. */
const KEY_BYTES: usize = 24;

/**
 * Addresses as a dictionary of their texts. `input` holds 16 bytes for each of `rows` rows, then their versions in a
 * byte each (4, of which only the first four bytes count; 6; 0 is NULL).
 */
export function encodeAddresses(rows: u32, from: u32, count: u32, isOrdered: bool): void {
  beginColumn();
  const versions = input + <usize>rows * 16;
  let mask: u32 = 1023;
  memory.fill(slots, 0, (<usize>mask + 1) << 2);
  let distinct: u32 = 0;
  let values: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const row = isOrdered ? load<u32>(order + ((<usize>(from + i)) << 2)) : from + i;
    const version = load<u8>(versions + <usize>row);
    if (version === 0) {
      noteNull(i);
      continue;
    }
    noteValue(i);
    const address = input + <usize>row * 16;
    const a = version === 4 ? <u64>load<u32>(address) : load<u64>(address);
    const b = version === 4 ? <u64>0 : load<u64>(address, 8);
    let slot = hash(a, b, version) & mask;
    let index = load<u32>(slots + ((<usize>slot) << 2));
    while (index !== 0 && !isKey(index - 1, a, b, version)) {
      slot = (slot + 1) & mask;
      index = load<u32>(slots + ((<usize>slot) << 2));
    }
    if (index === 0) {
      const key = keys + <usize>distinct * KEY_BYTES;
      store<u64>(key, a);
      store<u64>(key, b, 8);
      store<u64>(key, version, 16);
      index = ++distinct;
      store<u32>(slots + ((<usize>slot) << 2), index);
      if (distinct * 2 > mask) mask = grow(mask, distinct);
    }
    store<u32>(indexes + ((<usize>values) << 2), index - 1);
    values++;
  }
  let at = texts;
  for (let k: u32 = 0; k < distinct; k++) {
    const key = keys + <usize>k * KEY_BYTES;
    const end = writeAddressText(key, load<u8>(key, 16), at + 4);
    store<u32>(at, <u32>(end - at - 4));
    at = end;
  }
  const bytes = <u32>(at - texts);
  findBounds(distinct, bytes);
  writeIndexes(count, <i32>distinct, bytes);
}

// @ts-ignore: decorator
@inline
function isKey(index: u32, a: u64, b: u64, version: u8): bool {
  const key = keys + <usize>index * KEY_BYTES;
  return load<u64>(key) === a && load<u64>(key, 8) === b && load<u8>(key, 16) === version;
}

function grow(before: u32, distinct: u32): u32 {
  const mask = min<u32>((before + 1) << 2, slotCount) - 1;
  memory.fill(slots, 0, (<usize>mask + 1) << 2);
  for (let index: u32 = 0; index < distinct; index++) {
    const key = keys + <usize>index * KEY_BYTES;
    let slot = hash(load<u64>(key), load<u64>(key, 8), load<u8>(key, 16)) & mask;
    while (load<u32>(slots + ((<usize>slot) << 2)) !== 0) slot = (slot + 1) & mask;
    store<u32>(slots + ((<usize>slot) << 2), index + 1);
  }
  return mask;
}

// @ts-ignore: decorator
@inline
function hash(a: u64, b: u64, version: u8): u32 {
  let mixed = (a ^ (<u64>version << 56)) * 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 32) ^ b) * 0xbf58476d1ce4e5b9;
  return <u32>((mixed ^ (mixed >> 29)) >> 32);
}
