import {u32At} from "../../meter/bytes";
import {UDP} from "../../meter/constants";
import {Event} from "../../meter/layout";

/** SOME/IP of vehicles by its header: length, protocol version 1, a type of message and a return code (AUTOSAR PRS_SOMEIP §4.1.2). */
export function recogniseSomeIp(event: Event, start: usize, end: usize): bool {
  if (start + 16 > end || load<u8>(start, 12) !== 1 || load<u8>(start, 15) > 0x20) return false;
  const length = u32At(start + 4);
  const behind = <u32>(end - start) - 8 + <u32>event.cut;
  if (length < 8 || length > behind || (event.proto === UDP && length !== behind && length + 24 > behind)) return false;
  const type = load<u8>(start, 14) & ~0x20;
  return type <= 2 || type === 0x80 || type === 0x81 || type === 0x40 || type === 0xc0;
}
