import {Event} from "../../meter/layout";
import {isDigit} from "../parsers/http/http-values";
import {isText} from "../text";

/** Messages of a session that SIP opened (MSRP, RFC 4975) by the line of a request or an answer. */
export function recogniseMsrp(_event: Event, start: usize, end: usize): bool {
  if (!isText(start, end, "MSRP ")) return false;
  let at = start + 5;
  while (at < end && at < start + 40 && load<u8>(at) > 0x20) at++;
  if (at < start + 9 || at + 5 > end || load<u8>(at) !== 0x20) return false;
  return isText(at, end, " SEND") || isText(at, end, " AUTH") || isText(at, end, " REPORT") || (isDigit(load<u8>(at, 1)) && isDigit(load<u8>(at, 2)) && isDigit(load<u8>(at, 3)));
}

/** Whether it may begin with that byte. */
export function beginsMsrp(byte: u8): bool {
  return byte === 0x4d;
}
