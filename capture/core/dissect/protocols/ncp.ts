import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {isText} from "../text";

/** NetWare's core protocol over TCP by the word of a request or an answer, and the message's length. */
export function recogniseNcp(_event: Event, start: usize, end: usize): bool {
  return start + 12 <= end && (isText(start, end, "DmdT") || isText(start, end, "tNcP")) && <usize>u32At(start + 4) >= 12 && u32At(start + 4) <= 0x20000;
}

/** Whether it may begin with that byte. */
export function beginsNcp(byte: u8): bool {
  return byte === 0x74 || byte === 0x44;
}
