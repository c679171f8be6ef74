import {Event} from "../../../meter/core/layout";

/**
 * RTP by version 2 and a payload type that is assigned or dynamic (RFC 3550 §5.1, RFC 3551 §6): a single header is no
 * proof.
 */
export function recogniseRtp(_event: Event, start: usize, end: usize): bool {
  const sources = <usize>(load<u8>(start) & 0x0f);
  const type = load<u8>(start, 1) & 0x7f;
  // Types between would be packet types of RTCP, 192 to 223 (RFC 5761 §4), or are not assigned.
  return load<u8>(start) >> 6 === 2 && end > start + 12 + 4 * sources && (type <= 34 || type >= 96);
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsRtp(byte: u8): bool {
  return byte >> 6 === 2;
}
