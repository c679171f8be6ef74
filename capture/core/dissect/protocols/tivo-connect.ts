import {Event} from "../../meter/layout";
import {isTextAnyCase} from "../text";

/** TiVo's recorders by the announcement that they broadcast. */
export function recogniseTivoConnect(_event: Event, start: usize, end: usize): bool {
  return isTextAnyCase(start, end, "TIVOCONNECT=");
}

/** Whether it may begin with that byte. */
export function beginsTivoConnect(byte: u8): bool {
  return byte === 0x74 || byte === 0x54;
}
