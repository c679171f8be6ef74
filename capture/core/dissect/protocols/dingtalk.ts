import {Event} from "../../meter/layout";

/** DingTalk's clients by the fields that their first message has behind its length. */
export function recogniseDingtalk(_event: Event, start: usize, end: usize): bool {
  return start + 90 < end && load<u32>(start, 2) === 0x00018087 && load<u32>(start, 6) === 0x00020001 && load<u32>(start, 10) === 0x036b6402 && load<u16>(start, 14) === 0x2000;
}

/** Whether it may begin with that byte. */
export function beginsDingtalk(byte: u8): bool {
  return byte === 0x10;
}
