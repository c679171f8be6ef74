import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Remote inputs and outputs of SAIA's controllers (Ether-S-I/O) by the word, the kind and the version of a telegram. */
export function recogniseEtherSIo(_event: Event, start: usize, end: usize): bool {
  return start + 20 <= end && isText(start, end, "ESIO") && load<u8>(start, 4) === 0 && load<u8>(start, 5) <= 2 && load<u8>(start, 6) === 0;
}

/** Whether it may begin with that byte. */
export function beginsEtherSIo(byte: u8): bool {
  return byte === 0x45;
}
