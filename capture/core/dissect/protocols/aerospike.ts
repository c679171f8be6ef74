import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {isPrintable} from "../parsers/printable";

/** Aerospike by the header of its protocol, version 2: a request of names of the cluster's facts, or a message whose own header has 22 bytes; the length is that of the rest. */
export function recogniseAerospike(event: Event, start: usize, end: usize): bool {
  if (start + 10 > end || load<u8>(start) !== 2) return false;
  const kind = load<u8>(start, 1);
  const length = (<u64>u16At(start + 2) << 32) | <u64>u32At(start + 4);
  if (length !== <u64>(end - start - 8) + <u64>event.cut) return false;
  return kind === 1 ? isPrintable(start + 8, start + 10) : kind === 3 && load<u8>(start, 8) === 22;
}

/** Whether it may begin with that byte. */
export function beginsAerospike(byte: u8): bool {
  return byte === 2;
}
