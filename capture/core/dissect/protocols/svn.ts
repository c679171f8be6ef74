import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Subversion's own protocol by the greeting of the server or the client's answer (svn protocol §3.1). */
export function recogniseSvn(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "( success ( ") || isText(start, end, "( 2 ( edit-pipeline") || isText(start, end, "( 2 ( ");
}

/** Whether it may begin with that byte. */
export function beginsSvn(byte: u8): bool {
  return byte === 0x28;
}
