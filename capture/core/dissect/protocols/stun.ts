import {u16At, u32At} from "../../meter/bytes";
import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";

/**
 * STUN by its magic cookie (RFC 8489 §5), over TCP also behind the length of a frame (RFC 4571); the older one without
 * cookie (RFC 3489) by its type and attributes that lead to the end, or its port.
 */
export function recogniseStun(event: Event, start: usize, end: usize): bool {
  if (isMessage(start, end, isPort(event.sourcePort) || isPort(event.destinationPort))) return true;
  return event.proto === TCP && start + 2 + u16At(start) === end && isMessage(start + 2, end, false);
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsStun(byte: u8): bool {
  return byte < 6;
}

// @ts-ignore: decorator
@inline
function isPort(port: i32): bool {
  return port === 3478 || port === 3479;
}

function isMessage(start: usize, end: usize, isOnPort: bool): bool {
  const length = u16At(start + 2);
  const last = start + 20 + length;
  if (load<u8>(start) > 3 || length % 4 !== 0 || last > end) return false;
  if (u32At(start + 4) === 0x2112a442) return true;
  const type = u16At(start);
  const isType = type === 0x0001 || type === 0x0101 || type === 0x0111;
  return isType && last === end && (isOnPort || hasAttributes(start + 20, end));
}

/** RFC 3489 §11.2: types 1 to 11, others from 0x8000 on. */
function hasAttributes(start: usize, end: usize): bool {
  let at = start;
  while (at + 4 <= end) {
    const type = u16At(at);
    if (type === 0 || (type > 0x0b && type < 0x8000)) return false;
    at += 4 + u16At(at + 2);
  }
  return at === end && at > start;
}
