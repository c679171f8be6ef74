import {Event} from "../../meter/layout";
import {isText} from "../text";

/** The ZUG network's nodes by the word behind the kind of a message. */
export function recogniseZug(_event: Event, start: usize, end: usize): bool {
  return start + 20 <= end && isText(start + 1, end, "zUG\x10");
}

/** Whether it may begin with that byte. */
export function beginsZug(byte: u8): bool {
  return byte <= 1;
}
