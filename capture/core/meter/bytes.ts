/** Big-endian reads at an address; the caller has checked the bounds. */

// @ts-ignore: decorator
@inline
export function u8At(address: usize): u32 {
  return load<u8>(address);
}

// @ts-ignore: decorator
@inline
export function u16At(address: usize): u32 {
  return bswap<u16>(load<u16>(address));
}

// @ts-ignore: decorator
@inline
export function u32At(address: usize): u32 {
  return bswap<u32>(load<u32>(address));
}
