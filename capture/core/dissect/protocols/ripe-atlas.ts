import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Measurements of RIPE Atlas by the word that their datagrams begin with. */
export function recogniseRipeAtlas(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "MGLNDD_");
}

/** Whether it may begin with that byte. */
export function beginsRipeAtlas(byte: u8): bool {
  return byte === 0x4d;
}
