import {Event} from "../../meter/layout";
import {isTextAnyCase} from "../text";

/** SSDP by its HTTP-like first line over UDP (UPnP Device Architecture §1). */
export function recogniseSsdp(_event: Event, start: usize, end: usize): bool {
  return (
    isTextAnyCase(start, end, "M-SEARCH * HTTP/1.") ||
    isTextAnyCase(start, end, "NOTIFY * HTTP/1.") ||
    isTextAnyCase(start, end, "HTTP/1.1 200 ")
  );
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSsdp(byte: u8): bool {
  return byte === 0x4d || byte === 0x4e || byte === 0x48;
}
