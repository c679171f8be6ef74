import {u16At} from "../../meter/bytes";
import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";

/** Viber by its messages' length and what stands behind it (TCP), or on its ports by the kind of a packet of a call (UDP). */
export function recogniseViber(event: Event, start: usize, end: usize): bool {
  if (event.proto === TCP) {
    if (start + 11 > end || <usize>load<u16>(start) !== end - start + <usize>event.cut) return false;
    return (u16At(start + 6) === 0xfcff && load<u8>(start, 9) === 0x80) || (u16At(start + 4) === 0x0380 && load<u8>(start, 10) === 0x0a);
  }
  if (!isViber(event.destinationPort) && !isViber(event.sourcePort)) return false;
  const length = end - start;
  if (length < 6 || load<u8>(start, 3) !== 0) return false;
  const kind = load<u8>(start, 2);
  return (kind === 3 && length >= 12) || (kind === 9 && length === 20) || (kind === 1 && u16At(start + 4) === 0x0500) || ((kind === 0x19 || kind === 0x1b) && length === 34);
}

// @ts-ignore: decorator
@inline
function isViber(port: i32): bool {
  return port === 7985 || port === 7987 || port === 5242 || port === 5243 || port === 4244 || port === 9785;
}
