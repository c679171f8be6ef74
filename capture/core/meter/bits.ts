import {reserve} from "./memory";

/** A set of 16-bit numbers as 65,536 bits; address of the first. */
export function memoryBits(members: StaticArray<u16>): usize {
  const bits = reserve(8192);
  for (let i = 0; i < members.length; i++) {
    const member = <u32>members[i];
    const byte = bits + (member >> 3);
    store<u8>(byte, load<u8>(byte) | (<u8>1 << <u8>(member & 7)));
  }
  return bits;
}
