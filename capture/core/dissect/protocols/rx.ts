import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** AFS's remote calls (Rx) between its ports by the header of a packet: few calls, sequences and serials so far, a type, flags and a service. */
export function recogniseRx(event: Event, start: usize, end: usize): bool {
  if (!isAfs(event.destinationPort) && !isAfs(event.sourcePort)) return false;
  if (start + 28 > end || load<u8>(start, 20) < 1 || load<u8>(start, 20) > 13 || load<u8>(start, 23) > 3) return false;
  return u32At(start + 8) <= 0xffff && u32At(start + 12) <= 0xffff && u32At(start + 16) <= 0xfffff && (load<u8>(start, 21) & 0xc0) === 0;
}

/** File servers, callbacks, and the databases of volumes, protection and authentication. */
// @ts-ignore: decorator
@inline
function isAfs(port: i32): bool {
  return port >= 7000 && port <= 7009;
}
