import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** DHCPv6 by message type and option lengths that end with the message (RFC 8415 §8). */
export function recogniseDhcpv6(event: Event, start: usize, end: usize): bool {
  const type = load<u8>(start);
  // A server may answer from any port (§7.2).
  if (!beginsDhcpv6(type) || (!isPort(event.sourcePort) && !isPort(event.destinationPort))) return false;
  if (start + 8 > end) return false;
  // Relayed messages carry two addresses before their options.
  let at = start + (type === 12 || type === 13 ? 34 : 4);
  while (at + 4 <= end) at += 4 + u16At(at + 2);
  return at === end;
}

/** Whether it may begin with that byte. */
export function beginsDhcpv6(byte: u8): bool {
  return byte >= 1 && byte <= 36;
}

// @ts-ignore: decorator
@inline
function isPort(port: i32): bool {
  return port === 546 || port === 547;
}
