import {Event} from "../../meter/layout";

/**
 * CoAP by its header, token and options (RFC 7252 §3): on its port as far as they are plausible, elsewhere where the
 * options lead to the payload's end or its marker and one of them is the path that is asked for.
 */
export function recogniseCoap(event: Event, start: usize, end: usize): bool {
  const first = load<u8>(start);
  const tokens = <usize>(first & 15);
  const code = load<u8>(start, 1);
  if (start + 4 + tokens > end || tokens > 8 || !isCode(code)) return false;
  // Empty messages (pings, acknowledgements) have nothing behind.
  if (code === 0) return isPort(event) && end - start === 4;
  let at = start + 4 + tokens;
  let option: u32 = 0;
  let hasPath = false;
  while (at < end && load<u8>(at) !== 0xff) {
    const its = load<u8>(at++);
    let delta = <u32>(its >> 4);
    let length = <u32>(its & 15);
    if (delta === 15 || length === 15) return false;
    if (delta === 13) delta = 13 + load<u8>(at++);
    else if (delta === 14) {
      delta = 269 + (<u32>load<u8>(at) << 8) + load<u8>(at, 1);
      at += 2;
    }
    if (length === 13) length = 13 + load<u8>(at++);
    else if (length === 14) {
      length = 269 + (<u32>load<u8>(at) << 8) + load<u8>(at, 1);
      at += 2;
    }
    option += delta;
    if (option > 2053) return false;
    if (option === 11 && length > 0) hasPath = true;
    at += length;
  }
  return at <= end && (isPort(event) || (hasPath && code <= 7));
}

/** Whether it may begin with that byte. */
export function beginsCoap(byte: u8): bool {
  return byte >= 0x40 && byte < 0x80;
}

/** Methods 0.01 to 0.07, answers of class 2, 4 and 5 (§12.1). */
// @ts-ignore: decorator
@inline
function isCode(code: u8): bool {
  return code <= 7 || (code >= 0x41 && code <= 0x5f) || (code >= 0x80 && code <= 0x8f) || code === 0x9d || (code >= 0xa0 && code <= 0xa8);
}

// @ts-ignore: decorator
@inline
function isPort(event: Event): bool {
  return event.sourcePort === 5683 || event.destinationPort === 5683;
}
