import {keys, slotCount, slots} from "./memory";

/** Slots a dictionary begins with, less one. */
export const FIRST_MASK: u32 = 1023;

/** Four times the slots, `distinct` keys found in them again; the new mask. */
export function growSlots<U>(before: u32, distinct: u32): u32 {
  const mask = min<u32>((before + 1) << 2, slotCount) - 1;
  memory.fill(slots, 0, (<usize>mask + 1) << 2);
  for (let index: u32 = 0; index < distinct; index++) {
    let slot = hash<U>(load<U>(keys + <usize>index * sizeof<U>())) & mask;
    while (load<u32>(slots + ((<usize>slot) << 2)) !== 0) slot = (slot + 1) & mask;
    store<u32>(slots + ((<usize>slot) << 2), index + 1);
  }
  return mask;
}

/** Fibonacci hashing; the upper half depends on all bits. */
// @ts-ignore: decorator
@inline
export function hash<U>(value: U): u32 {
  if (sizeof<U>() === 4) return <u32>(((<u64>value) * 0x9e3779b97f4a7c15) >> 32);
  const mixed = (<u64>value) * 0x9e3779b97f4a7c15;
  return <u32>((mixed ^ (mixed >> 29)) >> 32);
}
