import {Event} from "../../meter/layout";
import {isText} from "../text";

/** DNSCrypt by the magic of a resolver's answers (dnscrypt protocol §9.3). */
export function recogniseDnscrypt(_event: Event, start: usize, end: usize): bool {
  return start + 32 <= end && isText(start, end, "r6fnvWj8");
}

/** Whether it may begin with that byte. */
export function beginsDnscrypt(byte: u8): bool {
  return byte === 0x72;
}
