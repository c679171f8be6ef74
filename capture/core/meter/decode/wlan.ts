import {u32At, u8At} from "../bytes";
import {LINK_FRAME, MALFORMED, NON_IP, WLAN_MANAGEMENT} from "../constants";
import {foundLinkFrame} from "../link-frames";
import {decodeLlc} from "./ethernet";

/** Radiotap header of the length it says, then 802.11. */
export function decodeRadiotap(at: usize, end: usize): i32 {
  if (at + 4 > end) return MALFORMED;
  const length = <usize>load<u16>(at + 2);
  if (length < 8 || at + length > end) return MALFORMED;
  return decodeWlan(at + length, end);
}

/** Frame control, duration, three addresses and a sequence number of a management frame (IEEE 802.11 §9.3.3.2). */
const MANAGEMENT_HEADER: usize = 24;

/** IEEE 802.11: LLC of unencrypted data frames; control, encrypted and aggregated frames carry no IP, nor does management. */
export function decodeWlan(at: usize, end: usize): i32 {
  return at + 2 > end ? MALFORMED : decodeFrame(u8At(at), u8At(at + 1), at, end);
}

/** The same with the two bytes of its frame control swapped, as Cisco's access points send it. */
export function decodeSwappedWlan(at: usize, end: usize): i32 {
  return at + 2 > end ? MALFORMED : decodeFrame(u8At(at + 1), u8At(at), at, end);
}

function decodeFrame(control: u32, flags: u32, at: usize, end: usize): i32 {
  const type = (control >> 2) & 3;
  if (type === 0 && at + MANAGEMENT_HEADER <= end) return managementFrame(at, end);
  if (type !== 2) return NON_IP;
  const subtype = control >> 4;
  // Null frames have no body; protected ones are encrypted.
  if ((subtype & 4) !== 0 || (flags & 0x40) !== 0) return NON_IP;
  let header: usize = (flags & 3) === 3 ? 30 : 24;
  if ((subtype & 8) !== 0) {
    if (at + header + 2 > end) return MALFORMED;
    if ((u8At(at + header) & 0x80) !== 0) return NON_IP;
    header += 2;
    if ((flags & 0x80) !== 0) header += 4;
  }
  return at + header + 3 > end ? MALFORMED : decodeLlc(at + header, end);
}

/** Receiver and sender stand side by side, as in Ethernet. */
function managementFrame(at: usize, end: usize): i32 {
  foundLinkFrame(WLAN_MANAGEMENT, at, end, at + 4);
  return LINK_FRAME;
}

/** Headers of the Prism and AVS drivers, which stand for radiotap's under link type 119; under 163 it is AVS's. */
export function decodePrism(at: usize, end: usize): i32 {
  if (at + 8 > end) return MALFORMED;
  if (u32At(at) >> 12 === 0x80211) return decodeAvs(at, end);
  const length = <usize>load<u32>(at, 4);
  return length < 8 || length > <usize>(end - at) ? MALFORMED : decodeWlan(at + length, end);
}

export function decodeAvs(at: usize, end: usize): i32 {
  if (at + 8 > end) return MALFORMED;
  const length = <usize>u32At(at + 4);
  return length < 8 || length > <usize>(end - at) ? MALFORMED : decodeWlan(at + length, end);
}
