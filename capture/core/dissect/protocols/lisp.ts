import {u16At, u32At} from "../../meter/bytes";
import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";

/** Control messages of LISP by their port, with a type and few records (RFC 9301 §5), or over TCP by the marker at a message's end. */
export function recogniseLisp(event: Event, start: usize, end: usize): bool {
  if (event.destinationPort !== 4342 && event.sourcePort !== 4342) return false;
  if (event.proto === TCP) return start + 8 <= end && <usize>u16At(start + 2) >= end - start && u32At(end - 4) === 0x9facade9;
  const type = load<u8>(start) >> 4;
  if (start + 12 > end) return false;
  // Encapsulated control messages have a packet of IP in them.
  if (type === 8) return (load<u8>(start, 4) >> 4 === 4 || load<u8>(start, 4) >> 4 === 6) && load<u8>(start, 1) === 0;
  return type >= 1 && type <= 6 && load<u8>(start, 3) >= 1 && load<u8>(start, 3) <= 32;
}
