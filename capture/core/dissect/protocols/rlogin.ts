import {Event} from "../../meter/layout";
import {find} from "../text";
import {isPrintable} from "../parsers/printable";

const PORT = 513;

/** Remote login by its port, and what a client begins with: a zero, both users' names, the terminal and its speed (RFC 1282). */
export function recogniseRlogin(event: Event, start: usize, end: usize): bool {
  if (event.direction !== 0 || event.destinationPort !== PORT) return false;
  if (end - start === 1) return true;
  const user = find(0, start + 1, end);
  const remote: usize = user === 0 ? 0 : find(0, user + 1, end);
  return remote !== 0 && isPrintable(start + 1, user) && isPrintable(user + 1, remote) && load<u8>(end - 1) === 0;
}

/** Whether it may begin with that byte. */
export function beginsRlogin(byte: u8): bool {
  return byte === 0;
}
