import {Event} from "../../meter/layout";
import {isText} from "../text";

/** HL7 version 2 of hospitals by the start of a block and its header segment (HL7 MLLP). */
export function recogniseHl7(_event: Event, start: usize, end: usize): bool {
  return isText(start + 1, end, "MSH|") || isText(start + 1, end, "FHS|") || isText(start + 1, end, "BHS|");
}

/** Whether it may begin with that byte. */
export function beginsHl7(byte: u8): bool {
  return byte === 0x0b;
}
