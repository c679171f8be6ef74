import {Event} from "../../meter/layout";
import {hasText} from "../text";

/** WS-Discovery by an envelope of SOAP with its name space (OASIS WS-Discovery 1.1 §1.4). */
export function recogniseWsDiscovery(_event: Event, start: usize, end: usize): bool {
  return hasText(start, min(end, start + 1024), "/WS/2005/04/DISCOVERY") || hasText(start, min(end, start + 1024), "/WS-DD/NS/DISCOVERY/");
}

/** Whether it may begin with that byte. */
export function beginsWsDiscovery(byte: u8): bool {
  return byte === 0x3c;
}
