/** A 64-bit mixing step (the finaliser of MurmurHash3 over the running state). */
// @ts-ignore: decorator
@inline
export function mix(state: u64, word: u64): u64 {
  let h = (state ^ word) * 0xff51afd7ed558ccd;
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53;
  return h ^ (h >> 29);
}
