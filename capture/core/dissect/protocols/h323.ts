import {u16At, u32At} from "../../meter/bytes";
import {UDP} from "../../meter/constants";
import {Event} from "../../meter/layout";

/**
 * H.323 calls by a TPKT with a message of Q.931 that has a call reference and is one of a call's (H.225.0 §7.2), or with
 * H.245's first requests: who is the master, and what a terminal can do. Over UDP registrations by their port and the
 * protocol's identifier (H.225.0 §7.7).
 */
export function recogniseH323(event: Event, start: usize, end: usize): bool {
  if (event.proto === UDP) return (event.destinationPort === 1719 || event.sourcePort === 1719 || event.destinationPort === 1718) && hasIdentifier(start, end);
  if (start + 9 > end || u16At(start) !== 0x0300 || <usize>u16At(start + 2) > end - start) return false;
  const first = u16At(start + 4);
  if (first === 0x0100 || first === 0x0230 || first === 0x0270) return true;
  if (load<u8>(start, 4) !== 8) return false;
  const bytes = load<u8>(start, 5);
  if (bytes < 1 || bytes > 2) return false;
  const message = load<u8>(start + bytes, 6);
  return (message >= 1 && message <= 0x0f) || message === 0x5a || message === 0x62 || message === 0x7d || message === 0x7b;
}

/** `0 8 2250` of H.225.0's object identifier among the first bytes. */
function hasIdentifier(start: usize, end: usize): bool {
  for (let at = start; at + 4 <= end && at < start + 24; at++) if (u32At(at) === 0x0008914a) return true;
  return false;
}
