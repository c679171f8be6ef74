import {u32At} from "../../meter/bytes";
import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";

/** ONC RPC (RFC 5531 §9) by a call of version 2 to a program of a plausible number, or by a reply that was accepted. */
export function recogniseRpc(event: Event, start: usize, end: usize): bool {
  return rpcProgram(event, start, end) !== 0 || isReply(event, start, end);
}

/** The program that a call is to; 0 where the payload begins with none. Over TCP a length goes before (§11). */
export function rpcProgram(event: Event, start: usize, end: usize): u32 {
  const at = event.proto === TCP ? start + 4 : start;
  if (at + 40 > end || u32At(at + 4) !== 0 || u32At(at + 8) !== 2) return 0;
  if (event.proto === TCP && (load<u8>(start) & 0x7f) !== 0) return 0;
  const program = u32At(at + 12);
  // Numbers that Sun gave out, and those of users; versions and procedures are small, and credentials of a known kind.
  if (program < 100_000 || program > 0x5fffffff || u32At(at + 16) > 100 || u32At(at + 20) > 1000) return 0;
  const flavour = u32At(at + 24);
  return flavour <= 6 || flavour === 390_004 ? program : 0;
}

function isReply(event: Event, start: usize, end: usize): bool {
  const at = event.proto === TCP ? start + 4 : start;
  if (event.proto === TCP && u32At(start) !== (0x80000000 | <u32>(end - at))) return false;
  // Accepted, a verifier without content, success.
  return at + 24 <= end && u32At(at + 4) === 1 && u32At(at + 8) === 0 && u32At(at + 12) === 0 && u32At(at + 16) === 0 && u32At(at + 20) <= 5;
}
