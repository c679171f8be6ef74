import {Event} from "../../meter/layout";
import {isDigit} from "../parsers/http/http-values";

/** Gauges of fuel tanks (Veeder-Root TLS-350): SOH, a letter and five digits that ask for a report. */
export function recogniseAtg(_event: Event, start: usize, end: usize): bool {
  const letter = load<u8>(start, 1);
  if (start + 7 > end || (letter !== 0x49 && letter !== 0x53 && letter !== 0x69)) return false;
  for (let at = start + 2; at < start + 7; at++) if (!isDigit(load<u8>(at))) return false;
  return true;
}

/** Whether it may begin with that byte. */
export function beginsAtg(byte: u8): bool {
  return byte === 1;
}
