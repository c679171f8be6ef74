import {keys, slotCount, slots} from "./memory";

/** Slots a dictionary begins with, less one. */
export const FIRST_MASK: u32 = 1023;

/**
 * A slot of the dictionary has a key's number, counted from 1; 0 is empty. A key of 32 bits stands in the slot's upper half:
 * a look into memory then tells both.
 */
// @ts-ignore: decorator
@inline
function placeOf<U>(slot: u32): usize {
  return slots + ((<usize>slot) << (sizeof<U>() === 4 ? 3 : 2));
}

export function clearSlots<U>(mask: u32): void {
  memory.fill(slots, 0, placeOf<U>(mask + 1) - slots);
}

/** The number in a slot that may be the key's; 0 where the slot is empty. */
// @ts-ignore: decorator
@inline
export function numberAt<U>(slot: u32): u32 {
  return load<u32>(placeOf<U>(slot));
}

/** Whether the slot, which has this number, is the key's. */
// @ts-ignore: decorator
@inline
export function isKey<U>(slot: u32, number: u32, key: U): bool {
  if (sizeof<U>() === 4) return load<u32>(placeOf<U>(slot), 4) === <u32>key;
  return load<U>(keys + <usize>(number - 1) * sizeof<U>()) === key;
}

// @ts-ignore: decorator
@inline
export function setSlot<U>(slot: u32, number: u32, key: U): void {
  store<u32>(placeOf<U>(slot), number);
  if (sizeof<U>() === 4) store<u32>(placeOf<U>(slot), <u32>key, 4);
}

/** Four times the slots, `distinct` keys found in them again; the new mask. */
export function growSlots<U>(before: u32, distinct: u32): u32 {
  const mask = min<u32>((before + 1) << 2, slotCount) - 1;
  clearSlots<U>(mask);
  for (let index: u32 = 0; index < distinct; index++) {
    const key = load<U>(keys + <usize>index * sizeof<U>());
    let slot = hash<U>(key) & mask;
    while (numberAt<U>(slot) !== 0) slot = (slot + 1) & mask;
    setSlot<U>(slot, index + 1, key);
  }
  return mask;
}

/** Fibonacci hashing, of both halves: the lower one of a floating number is often zero. */
// @ts-ignore: decorator
@inline
export function hash<U>(value: U): u32 {
  if (sizeof<U>() === 4) return <u32>(((<u64>value) * 0x9e3779b97f4a7c15) >> 32);
  const halves = <u64>value ^ ((<u64>value) >> 32);
  const mixed = halves * 0x9e3779b97f4a7c15;
  return <u32>((mixed ^ (mixed >> 29)) >> 32);
}
