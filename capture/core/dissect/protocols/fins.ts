import {u32At} from "../../meter/bytes";
import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Omron's FINS by its header (FINS command reference §3-1): over TCP behind `FINS` and a length. */
export function recogniseFins(event: Event, start: usize, end: usize): bool {
  if (event.proto === TCP) return start + 16 <= end && isText(start, end, "FINS") && u32At(start + 4) >= 8 && u32At(start + 8) <= 6;
  const flags = load<u8>(start);
  if (start + 12 > end || (flags & 0x3e) !== 0) return false;
  // Reserved, gateways that may be passed, and nodes of both ends; a command is one that is defined.
  if (load<u8>(start, 1) !== 0 || load<u8>(start, 2) > 7 || load<u8>(start, 2) === 0) return false;
  return isCommand(load<u8>(start, 10), load<u8>(start, 11)) && ((flags & 0x40) === 0 || start + 14 <= end);
}

/** Whether it may begin with that byte. */
export function beginsFins(byte: u8): bool {
  return byte === 0x46 || (byte >= 0x80 && (byte & 0x3e) === 0);
}

function isCommand(main: u8, sub: u8): bool {
  return (main >= 1 && main <= 7 && sub >= 1 && sub <= 0x20) || (main === 9 && sub === 0x20) || (main >= 0x0c && main <= 0x0f && sub <= 3) || (main >= 0x20 && main <= 0x28 && sub <= 0x20 && main !== 0x24);
}
