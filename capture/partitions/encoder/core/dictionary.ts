import {cells, indexes, keys, slotCount, slots} from "./memory";

const FIRST_SLOTS: u32 = 1024;

/**
 * Numbers the distinct values among the first `count` cells in the order of their first appearance: `indexes` by cell,
 * `keys` by number. How many there are; -1 where more than `limit`. Values are told apart by their bits (u32 or u64).
 */
export function indexCells<T>(count: u32, limit: u32): i32 {
  let mask = min<u32>(FIRST_SLOTS, slotCount) - 1;
  memory.fill(slots, 0, (<usize>mask + 1) << 2);
  let distinct: u32 = 0;
  let last: T = 0;
  let lastIndex: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const value = load<T>(cells + <usize>i * sizeof<T>());
    if (value !== last || distinct === 0) {
      let slot = hash<T>(value) & mask;
      let index = load<u32>(slots + ((<usize>slot) << 2));
      while (index !== 0 && load<T>(keys + <usize>(index - 1) * sizeof<T>()) !== value) {
        slot = (slot + 1) & mask;
        index = load<u32>(slots + ((<usize>slot) << 2));
      }
      if (index === 0) {
        if (distinct === limit) return -1;
        store<T>(keys + <usize>distinct * sizeof<T>(), value);
        index = ++distinct;
        store<u32>(slots + ((<usize>slot) << 2), index);
        if (distinct * 2 > mask) mask = grow<T>(mask, distinct);
      }
      last = value;
      lastIndex = index - 1;
    }
    store<u32>(indexes + ((<usize>i) << 2), lastIndex);
  }
  return <i32>distinct;
}

function grow<T>(before: u32, distinct: u32): u32 {
  const mask = min<u32>((before + 1) << 2, slotCount) - 1;
  memory.fill(slots, 0, (<usize>mask + 1) << 2);
  for (let index: u32 = 0; index < distinct; index++) {
    let slot = hash<T>(load<T>(keys + <usize>index * sizeof<T>())) & mask;
    while (load<u32>(slots + ((<usize>slot) << 2)) !== 0) slot = (slot + 1) & mask;
    store<u32>(slots + ((<usize>slot) << 2), index + 1);
  }
  return mask;
}

/** Fibonacci hashing; the upper half depends on all bits. */
// @ts-ignore: decorator
@inline
function hash<T>(value: T): u32 {
  if (sizeof<T>() === 4) return <u32>(((<u64>value) * 0x9e3779b97f4a7c15) >> 32);
  const mixed = (<u64>value) * 0x9e3779b97f4a7c15;
  return <u32>((mixed ^ (mixed >> 29)) >> 32);
}
