import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** The Precision Time Protocol by its ports, version and length (IEEE 1588-2008 §13.3; of version 1 by its ports and version). */
export function recognisePtp(event: Event, start: usize, end: usize): bool {
  if (!isPort(event.destinationPort) && !isPort(event.sourcePort)) return false;
  if (start + 34 > end) return false;
  if ((load<u8>(start, 1) & 15) === 2) return <usize>u16At(start + 2) <= end - start && u16At(start + 2) >= 34;
  return u16At(start) === 1 && u16At(start + 2) === 1;
}

// @ts-ignore: decorator
@inline
function isPort(port: i32): bool {
  return port === 319 || port === 320;
}
