import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {isPrintable} from "../parsers/printable";

/** Kafka by a request's header: its length, a kind of request and its version, and the client's name (Kafka protocol, request header). */
export function recogniseKafka(event: Event, start: usize, end: usize): bool {
  if (start + 14 > end) return false;
  const size = u32At(start);
  const present = <u32>(end - start) - 4 + <u32>event.cut;
  if (size > 0x6400000 || size < 10 || (size !== present && (size < present || present < 512))) return false;
  if (u16At(start + 4) > 90 || u16At(start + 6) > 20) return false;
  const name = u16At(start + 12);
  // No name, or one of letters.
  if (name === 0xffff) return u16At(start + 4) === 18 || u16At(start + 4) === 3;
  return name >= 1 && name <= 255 && start + 14 + <usize>name <= end && isPrintable(start + 14, start + 14 + <usize>name);
}

/** Whether it may begin with that byte. */
export function beginsKafka(byte: u8): bool {
  return byte <= 6;
}
