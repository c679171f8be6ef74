/**
 * Writes the text of an address (network order): dotted decimal for version 4, else RFC 5952 as capture/meter's
 * address-text.ts does; where it ends.
 */
export function writeAddressText(address: usize, version: u8, to: usize): usize {
  if (version === 4) return writeIpv4(address, to);
  if (load<u64>(address) === 0 && load<u32>(address, 8) === 0xffff0000) {
    store<u64>(to, 0x3a666666663a3a);
    return writeIpv4(address + 12, to + 7);
  }
  let zerosFrom: i32 = 0;
  let zeros: i32 = 0;
  for (let i = 0; i < 8; ) {
    let end = i;
    while (end < 8 && group(address, end) === 0) end++;
    if (end - i > zeros) {
      zerosFrom = i;
      zeros = end - i;
    }
    i = max(i, end) + 1;
  }
  if (zeros < 2) return writeGroups(address, 0, 8, to);
  let at = writeGroups(address, 0, zerosFrom, to);
  store<u16>(at, 0x3a3a);
  at += 2;
  return writeGroups(address, zerosFrom + zeros, 8, at);
}

// @ts-ignore: decorator
@inline
function group(address: usize, i: i32): u32 {
  const at = address + ((<usize>i) << 1);
  return (<u32>load<u8>(at) << 8) | load<u8>(at, 1);
}

function writeGroups(address: usize, from: i32, end: i32, to: usize): usize {
  let at = to;
  for (let i = from; i < end; i++) {
    if (i > from) store<u8>(at++, 0x3a);
    const value = group(address, i);
    for (let shift = value > 0xfff ? 12 : value > 0xff ? 8 : value > 0xf ? 4 : 0; shift >= 0; shift -= 4) {
      const digit = (value >> shift) & 15;
      store<u8>(at++, <u8>(digit < 10 ? 0x30 + digit : 0x57 + digit));
    }
  }
  return at;
}

function writeIpv4(address: usize, to: usize): usize {
  let at = writeByte(load<u8>(address), to);
  for (let k: usize = 1; k < 4; k++) {
    store<u8>(at, 0x2e);
    at = writeByte(load<u8>(address + k), at + 1);
  }
  return at;
}

function writeByte(value: u32, to: usize): usize {
  let at = to;
  if (value >= 100) store<u8>(at++, <u8>(0x30 + value / 100));
  if (value >= 10) store<u8>(at++, <u8>(0x30 + (value / 10) % 10));
  store<u8>(at++, <u8>(0x30 + (value % 10)));
  return at;
}
