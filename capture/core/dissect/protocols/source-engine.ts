import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Servers of games on Valve's Source engine by a query or its answer: four bytes of ones and a letter (Valve, server queries). */
export function recogniseSourceEngine(_event: Event, start: usize, end: usize): bool {
  if (start + 5 > end || load<u32>(start) !== 0xffffffff) return false;
  const at = start + 4;
  if (isText(at, end, "TSource Engine Query")) return true;
  const letter = load<u8>(at);
  const length = end - start;
  // Players and rules are asked for with a challenge; the challenge; information, players, rules.
  if (letter === 0x55 || letter === 0x56 || letter === 0x57) return length === 9;
  if (letter === 0x41) return length === 9;
  if (letter === 0x49) return length > 20 && load<u8>(at, 1) >= 7 && load<u8>(at, 1) <= 17 && load<u8>(at, 2) >= 0x20;
  return letter === 0x69 && length <= 20;
}

/** Whether it may begin with that byte. */
export function beginsSourceEngine(byte: u8): bool {
  return byte === 0xff;
}
