import {Event} from "../../meter/layout";

/** IPMI and ASF over RMCP by its header and the session's (IPMI 2.0 §13.1.3, ASF 2.0 §3.2.2). */
export function recogniseIpmi(_event: Event, start: usize, end: usize): bool {
  if (start + 12 > end || load<u8>(start, 1) !== 0) return false;
  const kind = load<u8>(start, 3) & 0x1f;
  // An authentication type; the enterprise number of ASF.
  if (kind === 7) return load<u8>(start, 4) <= 6;
  return kind === 6 && load<u32>(start, 4) === 0xbe110000;
}

/** Whether it may begin with that byte. */
export function beginsIpmi(byte: u8): bool {
  return byte === 6;
}
