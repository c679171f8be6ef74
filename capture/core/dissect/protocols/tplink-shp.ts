import {u32At} from "../../meter/bytes";
import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";

/** TP-Link's smart home devices by JSON under their key, of which `{"` is `d0 f2`; over TCP behind its length. */
export function recogniseTplinkShp(event: Event, start: usize, end: usize): bool {
  if (event.proto !== TCP) return start + 8 <= end && isJson(start);
  return start + 8 <= end && u32At(start) === <u32>(end - start) - 4 + <u32>event.cut && isJson(start + 4);
}

/** Whether it may begin with that byte. */
export function beginsTplinkShp(byte: u8): bool {
  return byte === 0xd0 || byte === 0;
}

/** `{"` or `{}` of which each byte is combined with the one before it, the first with 171. */
// @ts-ignore: decorator
@inline
function isJson(at: usize): bool {
  return load<u8>(at) === 0xd0 && (load<u8>(at, 1) === 0xf2 || load<u8>(at, 1) === 0xad);
}
