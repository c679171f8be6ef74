import {u16At} from "../../meter/bytes";
import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";

/** Where a message begins: behind its hash of 32 bytes and its signature of 65. */
const MESSAGE: usize = 97;

/**
 * Ethereum's node discovery by its envelope: hash, signature (its last byte 0 or 1), type, and a list in RLP to the end
 * (devp2p, discv4); its connections by the handshake's length and the uncompressed point behind it (RLPx, EIP-8).
 */
export function recogniseEthereum(event: Event, start: usize, end: usize): bool {
  if (event.proto === TCP) return end - start >= 307 && end - start < 1024 && <usize>u16At(start) + 2 === end - start && load<u8>(start, 2) === 4;
  if (start + MESSAGE + 3 > end || end - start > 1280) return false;
  const type = load<u8>(start, MESSAGE);
  if (load<u8>(start, MESSAGE - 1) > 1 || type < 1 || type > 6) return false;
  const at = start + MESSAGE + 1;
  const first = load<u8>(at);
  const behind = end - at;
  if (first >= 0xc0 && first <= 0xf7) return <usize>(first - 0xc0) + 1 === behind;
  if (first === 0xf8) return <usize>load<u8>(at, 1) + 2 === behind;
  return first === 0xf9 && ((<usize>load<u8>(at, 1) << 8) | <usize>load<u8>(at, 2)) + 3 === behind;
}
