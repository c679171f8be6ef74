import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Members of a cluster of Check Point's firewalls by the word that they begin with, both on port 8116. */
export function recogniseCpha(event: Event, start: usize, end: usize): bool {
  return event.sourcePort === 8116 && event.destinationPort === 8116 && start + 20 < end && u16At(start) === 0x1a90;
}

/** Whether it may begin with that byte. */
export function beginsCpha(byte: u8): bool {
  return byte === 0x1a;
}
