import {u16At, u8At} from "../bytes";
import {LINK_FRAME, MALFORMED, NON_IP} from "../constants";
import {foundLinkFrame} from "../link-frames";
import {decodeEthernet, decodeEtherType, decodeMpls} from "./ethernet";
import {decodeIpv4, decodeIpv6} from "./ip";

/** EtherTypes behind which whole frames or packets stand, beside those of ethernet.ts. */
export function decodeRareType(type: u32, at: usize, end: usize): i32 {
  switch (type) {
    case 0x8903: // Cisco FabricPath: tree and time to live, then the frame that crosses the fabric
      return at + 2 > end ? MALFORMED : decodeEthernet(at + 2, end);
    case 0x22f3:
      return decodeTrill(at, end);
    case 0x88e5:
      return decodeMacsec(at, end);
    case 0x894f:
      return decodeServiceHeader(at, end);
  }
  return linkFrame(type, at, end);
}

function linkFrame(type: u32, at: usize, end: usize): i32 {
  foundLinkFrame(type, at, end);
  return LINK_FRAME;
}

/** TRILL (RFC 6325 §3): six bytes and options in words, then the frame. */
function decodeTrill(at: usize, end: usize): i32 {
  if (at + 6 > end) return MALFORMED;
  const options = ((u16At(at) >> 6) & 31) << 2;
  return decodeEthernet(at + 6 + options, end);
}

/** MACsec (IEEE 802.1AE §9.3): its tag; a frame that is only authenticated can be read, an encrypted one cannot. */
function decodeMacsec(at: usize, end: usize): i32 {
  if (at + 6 > end) return MALFORMED;
  const control = u8At(at);
  if ((control & 0x8c) !== 0) return linkFrame(0x88e5, at, end);
  const next = at + ((control & 0x20) !== 0 ? 14 : 6);
  return next + 2 > end ? MALFORMED : decodeEtherType(u16At(next), next + 2, end);
}

/** Network service header (RFC 8300 §2): its length in words, and what follows it. */
function decodeServiceHeader(at: usize, end: usize): i32 {
  if (at + 8 > end) return MALFORMED;
  const length = <usize>(u8At(at + 1) & 0x3f) << 2;
  if (length < 8 || at + length > end) return MALFORMED;
  const next = at + length;
  switch (u8At(at + 3)) {
    case 1:
      return decodeIpv4(next, end);
    case 2:
      return decodeIpv6(next, end);
    case 3:
      return decodeEthernet(next, end);
    case 5:
      return decodeMpls(next, end);
  }
  return NON_IP;
}
