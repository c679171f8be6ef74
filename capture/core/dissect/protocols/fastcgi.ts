import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** FastCGI by a record that begins a request, or one for the values of an application (FastCGI §3.3). */
export function recogniseFastcgi(event: Event, start: usize, end: usize): bool {
  if (event.direction !== 0 || start + 16 > end || load<u8>(start, 7) !== 0) return false;
  const type = load<u8>(start, 1);
  if (type === 9) return u16At(start + 2) === 0 && start + 8 + <usize>u16At(start + 4) + <usize>load<u8>(start, 6) === end;
  const role = u16At(start + 8);
  return type === 1 && u16At(start + 4) === 8 && role >= 1 && role <= 3 && load<u8>(start, 10) <= 1 && load<u32>(start, 11) === 0;
}

/** Whether it may begin with that byte. */
export function beginsFastcgi(byte: u8): bool {
  return byte === 1;
}
