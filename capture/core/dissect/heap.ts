import {arena, ARENA_BYTES} from "../meter/memory";

/**
 * Memory of what lives as long as a flow, a name or a batch of records: blocks of powers of two within the arena, freed
 * ones kept by size. What is asked for beyond is refused; memory that was never used costs none.
 */

const SMALLEST: u32 = 4;
const SIZES: u32 = 32;

/** First free block of each size; a free block begins with the address of the next. */
const free = memory.data(128);
let top: usize = 0;
let last: usize = 0;

/** Begins anew: all blocks are gone. */
export function openHeap(): void {
  memory.fill(free, 0, <usize>SIZES << 2);
  top = arena;
  last = arena + ARENA_BYTES;
}

// @ts-ignore: decorator
@inline
function sizeOf(bytes: usize): u32 {
  return bytes <= 16 ? SMALLEST : 32 - <u32>clz<u32>(<u32>bytes - 1);
}

/** So many bytes, not zeroed, at a multiple of 16; 0 where the arena is used up. */
export function allocate(bytes: usize): usize {
  const size = sizeOf(bytes);
  const list = free + (<usize>size << 2);
  const block = <usize>load<u32>(list);
  if (block !== 0) {
    store<u32>(list, load<u32>(block));
    return block;
  }
  const length = <usize>1 << size;
  if (top + length <= last) {
    const fresh = top;
    top += length;
    return fresh;
  }
  return halved(size);
}

/** Frees a block that was asked for with the same number of bytes. */
export function release(address: usize, bytes: usize): void {
  const list = free + (<usize>sizeOf(bytes) << 2);
  store<u32>(address, load<u32>(list));
  store<u32>(list, <u32>address);
}

/** A block cut from the smallest larger one that is free. */
function halved(size: u32): usize {
  for (let larger = size + 1; larger < SIZES; larger++) {
    const list = free + (<usize>larger << 2);
    const block = <usize>load<u32>(list);
    if (block === 0) continue;
    store<u32>(list, load<u32>(block));
    for (let half = larger - 1; half >= size; half--) release(block + (<usize>1 << half), <usize>1 << half);
    return block;
  }
  return 0;
}

/** A block of `bytes` bytes with the first `used` of `address`, which is freed; 0 (and nothing freed) where none is left. */
export function moved(address: usize, oldBytes: usize, used: usize, bytes: usize): usize {
  const block = allocate(bytes);
  if (block === 0) return 0;
  if (used > 0) memory.copy(block, address, used);
  if (address !== 0) release(address, oldBytes);
  return block;
}

/** A text of its own: its length (u32) and its bytes; 0 where memory is out. */
export function keepText(at: usize, length: u32): usize {
  const block = allocate(<usize>length + 4);
  if (block === 0) return 0;
  store<u32>(block, length);
  memory.copy(block + 4, at, length);
  return block;
}

/** Frees a kept text; nothing where it is 0. */
// @ts-ignore: decorator
@inline
export function dropText(text: usize): void {
  if (text !== 0) release(text, <usize>load<u32>(text) + 4);
}
