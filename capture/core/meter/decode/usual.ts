import {u16At, u32At, u8At} from "../bytes";
import {TCP} from "../constants";
import {verifiesChecksums} from "../settings";
import {openPacket} from "./frame";

/**
 * Nearly every frame of a usual capture: Ethernet, IPv4 without options, a whole TCP header, no fragment. Read here at
 * once, as decodeEthernet, decodeIpv4 and decodeTransport would.
 */

const ETHERNET = 1;
/** Where its headers stand in the frame. */
const IP: usize = 14;
const SEGMENT: usize = 34;
const LEAST: usize = 54;

/** EtherType and the first byte of an IPv4 header of 20 bytes, as they lie in memory. */
const IPV4_OF_20: u32 = 0x450008;
/** All bits of flags and offset but "don't fragment". */
const FRAGMENT: u16 = 0xffbf;

/** Decodes the frame if it is such a one; false where it is not, and nothing was done. */
// @ts-ignore: decorator
@inline
export function decodeUsual(link: i32, at: usize, captured: u32): bool {
  if (link !== ETHERNET || captured < <u32>LEAST || verifiesChecksums) return false;
  if ((load<u32>(at, 12) & 0xffffff) !== IPV4_OF_20 || u8At(at + 23) !== TCP || (load<u16>(at, 20) & FRAGMENT) !== 0) return false;
  const total = u16At(at + IP + 2);
  const header = <u32>(u8At(at + 46) >> 4) << 2;
  if (header < 20 || total < 20 + header) return false;
  const packet = openPacket();
  packet.source = at + 26;
  packet.destination = at + 30;
  packet.version = 4;
  packet.proto = TCP;
  packet.ipBytes = total;
  packet.payload = at + SEGMENT + header;
  packet.payloadBytes = total - 20 - header;
  const there = min<u32>(captured - <u32>SEGMENT, total - 20);
  packet.payloadCaptured = there > header ? there - header : 0;
  packet.sourcePort = u16At(at + SEGMENT);
  packet.destinationPort = u16At(at + SEGMENT + 2);
  packet.hasTcp = 1;
  packet.sequence = u32At(at + SEGMENT + 4);
  packet.acknowledgment = u32At(at + SEGMENT + 8);
  packet.flags = u8At(at + 47);
  packet.window = u16At(at + SEGMENT + 14);
  return true;
}
