import {u32At} from "../../meter/bytes";
import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {isPrintable} from "../parsers/printable";

/** Apache Thrift by a message of the strict binary or the compact protocol with its method's name, over TCP also behind a frame's length. */
export function recogniseThrift(event: Event, start: usize, end: usize): bool {
  if (isMessage(start, end)) return true;
  return event.proto === TCP && u32At(start) === <u32>(end - start) - 4 + <u32>event.cut && isMessage(start + 4, end);
}

/** Whether it may begin with that byte. */
export function beginsThrift(byte: u8): bool {
  return byte === 0x80 || byte === 0x82 || byte === 0;
}

function isMessage(at: usize, end: usize): bool {
  if (at + 12 > end) return false;
  if ((u32At(at) & 0xffffff00) === 0x80010000) {
    const name = u32At(at + 4);
    return load<u8>(at, 3) >= 1 && load<u8>(at, 3) <= 4 && name >= 1 && name <= 128 && isName(at + 8, at + 8 + <usize>name, end);
  }
  if (load<u8>(at) !== 0x82 || (load<u8>(at, 1) & 0x1f) !== 1 || load<u8>(at, 1) >> 5 < 1 || load<u8>(at, 1) >> 5 > 4) return false;
  // The sequence's number has up to five bytes.
  let behind = at + 2;
  while (behind < at + 6 && load<u8>(behind) >= 0x80) behind++;
  const name = <usize>load<u8>(behind, 1);
  return name >= 1 && name < 128 && isName(behind + 2, behind + 2 + name, end);
}

// @ts-ignore: decorator
@inline
function isName(at: usize, to: usize, end: usize): bool {
  return to <= end && isPrintable(at, to);
}
