import {u16At} from "../../meter/bytes";
import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";

/** KNXnet/IP by its header of six bytes: version 1.0, a service, and the length of it all (ISO 22510 §5.2). */
export function recogniseKnxnetIp(event: Event, start: usize, end: usize): bool {
  if (start + 6 > end || load<u8>(start, 1) !== 0x10) return false;
  const family = load<u8>(start, 2);
  return family >= 2 && family <= 9 && (event.proto === TCP ? <usize>u16At(start + 4) <= end - start && u16At(start + 4) >= 8 : <usize>u16At(start + 4) === end - start);
}

/** Whether it may begin with that byte. */
export function beginsKnxnetIp(byte: u8): bool {
  return byte === 6;
}
