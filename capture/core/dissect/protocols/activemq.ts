import {Event} from "../../meter/layout";
import {isText} from "../text";

/** OpenWire, which ActiveMQ speaks, by the format that both sides tell one another. */
export function recogniseActivemq(_event: Event, start: usize, end: usize): bool {
  return start + 13 <= end && load<u8>(start, 4) === 1 && isText(start + 5, end, "ActiveMQ");
}

/** Whether it may begin with that byte. */
export function beginsActivemq(byte: u8): bool {
  return byte === 0;
}
