import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Gearman by the word that requests and answers begin with, a type of packet, and its length. */
export function recogniseGearman(_event: Event, start: usize, end: usize): bool {
  if (start + 12 > end) return false;
  return (isText(start + 1, end, "REQ") || isText(start + 1, end, "RES")) && u32At(start + 4) >= 1 && u32At(start + 4) <= 46 && <usize>u32At(start + 8) >= end - start - 12;
}

/** Whether it may begin with that byte. */
export function beginsGearman(byte: u8): bool {
  return byte === 0;
}
