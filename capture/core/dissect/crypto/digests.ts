import {BLOCK, padLast} from "./padding";
import {md5Blocks} from "./md5";
import {sha256Blocks} from "./sha256";

/** MD5 and SHA-256 of bytes that come in pieces. */
@unmanaged
export class Digests {
  /** Bytes so far, of which the last ones wait in `block` for the rest of theirs. */
  bytes: u64 = 0;
  md5A: u64 = 0;
  md5B: u64 = 0;
  shaA: u64 = 0;
  shaB: u64 = 0;
  shaC: u64 = 0;
  shaD: u64 = 0;
}

/** Bytes of a `Digests` with the block behind it. */
export const DIGESTS_BYTES: usize = offsetof<Digests>() + BLOCK;

const LAST: usize = memory.data(128, 16);

export function openDigests(digests: Digests): void {
  digests.bytes = 0;
  digests.md5A = 0xefcdab8967452301;
  digests.md5B = 0x1032547698badcfe;
  digests.shaA = 0xbb67ae856a09e667;
  digests.shaB = 0xa54ff53a3c6ef372;
  digests.shaC = 0x9b05688c510e527f;
  digests.shaD = 0x5be0cd191f83d9ab;
}

/** Takes the next bytes. */
export function addBytes(digests: Digests, start: usize, end: usize): void {
  const block = changetype<usize>(digests) + offsetof<Digests>();
  const waiting = <usize>digests.bytes & (BLOCK - 1);
  digests.bytes += <u64>(end - start);
  let at = start;
  if (waiting > 0) {
    const part = min(BLOCK - waiting, end - start);
    memory.copy(block + waiting, at, part);
    at += part;
    if (waiting + part < BLOCK) return;
    hash(digests, block, block + BLOCK);
  }
  const whole = at + ((end - at) & ~(BLOCK - 1));
  if (whole > at) hash(digests, at, whole);
  if (end > whole) memory.copy(block, whole, end - whole);
}

/** Writes both digests, of 16 and 32 bytes. No more bytes may follow. */
export function closeDigests(digests: Digests, md5: usize, sha256: usize): void {
  const block = changetype<usize>(digests) + offsetof<Digests>();
  const padded = padLast(block, <usize>digests.bytes & (BLOCK - 1), LAST);
  const bits = digests.bytes << 3;
  store<u64>(LAST + padded - 8, bits);
  md5Blocks(md5Of(digests), LAST, LAST + padded);
  store<u64>(LAST + padded - 8, bswap<u64>(bits));
  sha256Blocks(sha256Of(digests), LAST, LAST + padded);
  memory.copy(md5, md5Of(digests), 16);
  for (let i: usize = 0; i < 32; i += 4) store<u32>(sha256 + i, bswap<u32>(load<u32>(sha256Of(digests) + i)));
}

function hash(digests: Digests, start: usize, end: usize): void {
  md5Blocks(md5Of(digests), start, end);
  sha256Blocks(sha256Of(digests), start, end);
}

// @ts-ignore: decorator
@inline
function md5Of(digests: Digests): usize {
  return changetype<usize>(digests) + offsetof<Digests>("md5A");
}

// @ts-ignore: decorator
@inline
function sha256Of(digests: Digests): usize {
  return changetype<usize>(digests) + offsetof<Digests>("shaA");
}
