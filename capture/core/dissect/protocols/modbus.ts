import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Modbus/TCP by its header, whose length is that of the payload (Modbus Messaging Guide §3.1.3). */
export function recogniseModbus(_event: Event, start: usize, end: usize): bool {
  if (start + 8 > end || u16At(start + 2) !== 0) return false;
  const length = u16At(start + 4);
  return length <= 254 && end - start === 6 + <usize>length && isFunction(load<u8>(start, 7) & 0x7f);
}

/** Public function codes (Modbus Application Protocol §5) as bits: 1 to 8, 11, 12, 15 to 17, 20 to 24, 43; and 90. */
const FUNCTIONS: u64 = 0x0000080001f399fe;

// @ts-ignore: decorator
@inline
function isFunction(code: u8): bool {
  return code < 64 ? ((FUNCTIONS >> code) & 1) !== 0 : code === 90;
}
