import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Java RMI by its magic, version and one of three protocols (JRMP, RMI wire protocol §10.2). */
export function recogniseJavaRmi(_event: Event, start: usize, end: usize): bool {
  const kind = load<u8>(start, 6);
  return start + 7 <= end && isText(start, end, "JRMI\0") && kind >= 0x4b && kind <= 0x4d;
}

/** Whether it may begin with that byte. */
export function beginsJavaRmi(byte: u8): bool {
  return byte === 0x4a;
}
