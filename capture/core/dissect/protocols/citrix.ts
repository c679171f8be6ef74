import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Citrix's ICA by the server's greeting, bare or behind its session reliability. */
export function recogniseCitrix(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "\x7f\x7fICA\0") || isText(start, end, "\x1aCGP/01");
}

/** Whether it may begin with that byte. */
export function beginsCitrix(byte: u8): bool {
  return byte === 0x7f || byte === 0x1a;
}
