import {Event} from "../../meter/layout";
import {find} from "../text";
import {isDigit} from "../parsers/http/http-values";
import {isPrintable} from "../parsers/printable";

const PORT = 514;

/** The remote shell by its port, and what a client begins with: a port in digits, both users' names and a command, each ended by a zero. */
export function recogniseRsh(event: Event, start: usize, end: usize): bool {
  if (event.direction !== 0 || event.destinationPort !== PORT) return false;
  const zero = find(0, start, min(end, start + 6));
  if (zero === 0) return false;
  for (let at = start; at < zero; at++) if (!isDigit(load<u8>(at))) return false;
  if (zero + 1 === end) return true;
  const user = find(0, zero + 1, min(end, zero + 34));
  return user !== 0 && user > zero + 1 && isPrintable(zero + 1, user);
}

/** Whether it may begin with that byte. */
export function beginsRsh(byte: u8): bool {
  return isDigit(byte);
}
