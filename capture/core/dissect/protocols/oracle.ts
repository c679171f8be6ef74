import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {hasText} from "../text";

/** Oracle's TNS by its header: a connect with its versions and a descriptor, or an accept, refusal or redirect. */
export function recogniseOracle(event: Event, start: usize, end: usize): bool {
  const length = <usize>u16At(start);
  if (start + 12 > end || length > end - start + <usize>event.cut || u16At(start + 2) !== 0 || u16At(start + 6) !== 0) return false;
  switch (load<u8>(start, 4)) {
    case 1:
      return length >= 34 && u16At(start + 8) >= 300 && u16At(start + 8) < 400 && hasText(start + 24, min(end, start + 512), "(");
    case 2:
      return length >= 24 && u16At(start + 8) >= 300 && u16At(start + 8) < 400;
    case 4:
    case 5:
      return hasText(start + 8, min(end, start + 256), "(DESCRIPTION");
    case 11:
      return length === 8;
  }
  return false;
}

/** Whether it may begin with that byte. */
export function beginsOracle(byte: u8): bool {
  return byte <= 8;
}
