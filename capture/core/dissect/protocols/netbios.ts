import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

const TCP = 6;
const PORT_DATAGRAM = 138;
const PORT_DNS = 53;

/** NetBIOS name service, datagrams and session requests (RFC 1002 §4); in a session SMB follows, and names it. */
export function recogniseNetbios(event: Event, start: usize, end: usize): bool {
  const first = load<u8>(start);
  if (event.proto === TCP)
    return first === 0x81 && start + 72 === end && u16At(start + 2) === 68 && isEncodedName(start + 4, end);
  if (event.sourcePort === PORT_DATAGRAM && event.destinationPort === PORT_DATAGRAM)
    return first >= 0x10 && first <= 0x16 && isEncodedName(start + 14, end);
  // The name service's messages have the form of DNS, which port 53 decides.
  if (event.sourcePort === PORT_DNS || event.destinationPort === PORT_DNS) return false;
  return start + 50 <= end && u16At(start + 4) + u16At(start + 6) > 0 && isEncodedName(start + 12, end);
}

/** RFC 1001 §14.1: sixteen bytes as 32 letters from A to P. */
function isEncodedName(at: usize, end: usize): bool {
  if (at + 34 > end || load<u8>(at) !== 32) return false;
  for (let i = at + 1; i <= at + 32; i++) if (load<u8>(i) < 0x41 || load<u8>(i) > 0x50) return false;
  return true;
}
