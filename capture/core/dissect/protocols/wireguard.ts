import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** WireGuard by the types and lengths of its messages (WireGuard paper §5.4); of data, by the counter's upper half too. */
export function recogniseWireguard(_event: Event, start: usize, end: usize): bool {
  if (load<u8>(start, 1) !== 0 || load<u8>(start, 2) !== 0 || load<u8>(start, 3) !== 0) return false;
  const type = load<u8>(start);
  const length = end - start;
  if (type < 4) return length === (type === 1 ? 148 : type === 2 ? 92 : type === 3 ? 64 : 0);
  // A keepalive is 32 bytes, packets are padded to 16; a key is used for 2^60 messages at most, and seldom for 2^32.
  return length >= 32 && length % 16 === 0 && u32At(start + 4) !== 0 && u32At(start + 12) === 0;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsWireguard(byte: u8): bool {
  return byte >= 1 && byte <= 4;
}
