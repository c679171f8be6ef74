import {u16At, u32At} from "../../meter/bytes";
import {UDP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {isText} from "../text";

/**
 * RDP by its X.224 connection request or confirm ([MS-RDPBCGR] §2.2.1.1); TLS may follow. Its UDP transport by the SYN
 * that is padded to the size it asks for ([MS-RDPEUDP] §2.2.2.1).
 */
export function recogniseRdp(event: Event, start: usize, end: usize): bool {
  const length = end - start;
  if (event.proto === UDP)
    return (
      length >= 1132 &&
      length <= 1232 &&
      u32At(start) === 0xffffffff &&
      (load<u8>(start, 7) & 5) === 1 &&
      u16At(start + 12) <= 1232 &&
      u16At(start + 12) >= 1132
    );
  if (load<u8>(start) !== 3 || length < 11 || load<u8>(start, 1) !== 0 || u16At(start + 2) !== <u32>length)
    return false;
  const type = load<u8>(start, 5);
  if (type !== 0xe0 && type !== 0xd0) return false;
  if (isText(start + 11, end, "Cookie: ")) return true;
  // A negotiation request or response of eight bytes ends it.
  if (length < 19) return false;
  const kind = load<u8>(end - 8);
  return kind >= 1 && kind <= 3 && load<u8>(end - 6) === 8 && load<u8>(end - 5) === 0;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsRdp(byte: u8): bool {
  return byte === 3 || byte === 0xff;
}
