import {Event} from "../../meter/layout";
import {isText} from "../text";

/** TeamSpeak 3 by the first packets of both sides. */
export function recogniseTeamspeak(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "TS3INIT1");
}

/** Whether it may begin with that byte. */
export function beginsTeamspeak(byte: u8): bool {
  return byte === 0x54;
}
