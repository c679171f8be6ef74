import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** PROFINET's context manager, which is DCE/RPC over UDP to an interface `dea0000x-6c97-11d1-8271-00a02442df7d` (IEC 61158-6-10). */
export function recogniseProfinet(_event: Event, start: usize, end: usize): bool {
  if (start + 80 > end || load<u8>(start, 1) > 10) return false;
  // The low four bits of the data representation's first byte say how its numbers are written.
  const isLittle = load<u8>(start, 4) >> 4 === 1;
  const first = isLittle ? load<u32>(start, 24) : u32At(start + 24);
  if (first < 0xdea00001 || first > 0xdea00005) return false;
  return (isLittle ? load<u32>(start, 28) === 0x11d16c97 : u32At(start + 28) === 0x6c9711d1) && u32At(start + 32) === 0x827100a0;
}

/** Whether it may begin with that byte. */
export function beginsProfinet(byte: u8): bool {
  return byte === 4;
}
