import {Event} from "../../meter/layout";
import {isText} from "../text";
import {isDigit} from "../parsers/http/http-values";

/** Largest stage of Meterpreter that is taken for one, and smallest. */
const STAGE_MOST: u32 = 4_000_000;
const STAGE_LEAST: u32 = 50_000;

/**
 * Tools of remote access that no administrator installs, by the messages they begin with: Gh0st and its descendants, njRAT,
 * Remcos without its encryption, Xtreme, Turkojan, and the stage that Metasploit's handler sends Meterpreter.
 */
export function recogniseRemoteAccessTool(event: Event, start: usize, end: usize): bool {
  if (start + 8 > end) return false;
  return (
    isGh0st(start, end) ||
    isNjrat(start, end) ||
    isStage(event, start, end) ||
    (load<u32>(start) === 0x00ff0424 && start + 8 + load<u32>(start, 4) === end) ||
    isText(start, end, "myversion|") ||
    isText(start, end, "ANABILGI|")
  );
}

/** Five letters, the length of the message, its length unpacked, and a zlib stream. */
function isGh0st(start: usize, end: usize): bool {
  if (start + 16 > end || load<u16>(start, 13) !== 0x9c78) return false;
  for (let i: usize = 0; i < 5; i++) if (load<u8>(start + i) - 0x21 > 0x5d) return false;
  const length = load<u32>(start, 5);
  const unpacked = load<u32>(start, 9);
  return start + length >= end && length < 0x1000000 && unpacked > 0 && unpacked < 0x1000000;
}

/** `lv|'|'|`, `ll|'|'|`; later ones begin with the length in digits and a zero. */
function isNjrat(start: usize, end: usize): bool {
  let at = start;
  while (at < end && at < start + 6 && isDigit(load<u8>(at))) at++;
  if (at > start) {
    if (at === end || load<u8>(at) !== 0) return false;
    at++;
  }
  return at + 7 <= end && isText(at + 2, end, "|'|'|") && load<u8>(at) === 0x6c;
}

/** A length and a library of Windows so long, from what the host connected to. */
function isStage(event: Event, start: usize, end: usize): bool {
  const length = load<u32>(start);
  return event.direction === 1 && length >= STAGE_LEAST && length <= STAGE_MOST && isText(start + 4, end, "MZ") && start + 64 <= end;
}

/** Whether it may begin with that byte: a stage's length with any. */
export function beginsRemoteAccessTool(_byte: u8): bool {
  return true;
}
