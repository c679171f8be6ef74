import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Servers of games on Quake's engines by a connectionless message: four bytes of ones and a word. */
export function recogniseQuake(_event: Event, start: usize, end: usize): bool {
  if (start + 10 > end || load<u32>(start) !== 0xffffffff) return false;
  const at = start + 4;
  return (
    isText(at, end, "getstatus") ||
    isText(at, end, "getinfo") ||
    isText(at, end, "statusResponse") ||
    isText(at, end, "infoResponse") ||
    isText(at, end, "getchallenge") ||
    isText(at, end, "challengeResponse") ||
    isText(at, end, "getservers") ||
    isText(at, end, "connect ")
  );
}

/** Whether it may begin with that byte. */
export function beginsQuake(byte: u8): bool {
  return byte === 0xff;
}
