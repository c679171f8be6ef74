import {Event} from "../../meter/layout";

/** Where a frame's data begin: behind the AMS/TCP header of six bytes, and AMS's own of 32. */
const HEADERS: usize = 38;

/** Beckhoff's ADS by its two headers, whose lengths agree (Beckhoff, ADS/AMS specification). */
export function recogniseAds(_event: Event, start: usize, end: usize): bool {
  if (start + HEADERS > end || load<u8>(start, 1) !== 0) return false;
  const length = load<u32>(start, 2);
  return length >= 32 && length === 32 + load<u32>(start, 26) && load<u16>(start, 22) <= 9 && (load<u16>(start, 24) & ~0x41) === 4;
}

/** Whether it may begin with that byte. */
export function beginsAds(byte: u8): bool {
  return byte === 0;
}
