import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {isDigit} from "../parsers/http/http-values";

/** Syslog by its priority (RFC 5424 §6.2.1), over TCP with or without a length before it (RFC 6587). */
export function recogniseSyslog(event: Event, start: usize, end: usize): bool {
  let at = start;
  if (event.proto === TCP && isDigit(load<u8>(at))) {
    while (at < end && at < start + 6 && isDigit(load<u8>(at))) at++;
    if (load<u8>(at++) !== 0x20) return false;
  }
  if (load<u8>(at++) !== 0x3c) return false;
  let priority: u32 = 0;
  const digits = at;
  while (at < end && at < digits + 3 && isDigit(load<u8>(at))) priority = priority * 10 + load<u8>(at++) - 0x30;
  return (
    at > digits &&
    load<u8>(at) === 0x3e &&
    priority <= 191 &&
    at + 2 < end &&
    load<u8>(at, 1) >= 0x20 &&
    load<u8>(at, 1) < 0x7f
  );
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSyslog(byte: u8): bool {
  return byte === 0x3c || isDigit(byte);
}
