import {u16At, u32At, u8At} from "../bytes";
import {AH, FLOW, MALFORMED} from "../constants";
import {MAX_NESTING} from "../layout";
import {depth, frameStart, frameWire, openPacket, packetAt} from "./frame";
import {decodeTransport} from "./transport";

/** Most IPv6 extension headers followed. */
const MAX_EXTENSIONS = 16;

/** IPv4 (RFC 791 §3.1). A total length of 0 is segmentation offload: the wire length stands for it. */
export function decodeIpv4(at: usize, end: usize): i32 {
  if (at + 20 > end) return MALFORMED;
  const first = u8At(at);
  const header = (first & 15) << 2;
  if (first >> 4 !== 4 || header < 20) return MALFORMED;
  if (depth >= MAX_NESTING) return MALFORMED;
  let total = u16At(at + 2);
  if (total === 0) total = <u32>max<i32>(<i32>frameWire - <i32>(at - frameStart), <i32>header);
  if (total < header) return MALFORMED;
  const packet = openPacket();
  packet.source = at + 12;
  packet.destination = at + 16;
  packet.version = 4;
  packet.ipBytes = total;
  let proto = u8At(at + 9);
  const fragment = u16At(at + 6);
  let transport = at + header;
  const stop = min(end, at + total);
  let length = total - header;
  if (proto === AH) {
    // RFC 4302 §2.2: length in 32-bit words minus 2.
    if (transport + 8 > stop) return closed(AH, length, transport, stop);
    const bytes = (u8At(transport + 1) + 2) << 2;
    if (bytes > length) return closed(AH, length, transport, stop);
    proto = u8At(transport);
    transport += bytes;
    length -= bytes;
  }
  packet.proto = proto;
  return decodeTransport(packet, transport, stop, length, fragment & 0x1fff, (fragment & 0x2000) !== 0, u16At(at + 4));
}

/** IPv6 with extension headers (RFC 8200 §4); where the chain is cut the flow is keyed on the header reached. */
export function decodeIpv6(at: usize, end: usize): i32 {
  if (at + 40 > end) return MALFORMED;
  if (u8At(at) >> 4 !== 6 || depth >= MAX_NESTING) return MALFORMED;
  let length = u16At(at + 4);
  // A payload length of 0 is a jumbogram or segmentation offload.
  if (length === 0) length = max<i32>(<i32>frameWire - <i32>(at + 40 - frameStart), 0);
  const packet = openPacket();
  packet.source = at + 8;
  packet.destination = at + 24;
  packet.version = 6;
  packet.ipBytes = length + 40;
  const stop = min(end, at + 40 + length);
  let proto = u8At(at + 6);
  let header = at + 40;
  let offset: u32 = 0;
  let more = false;
  let id: u32 = 0;
  for (let i = 0; i < MAX_EXTENSIONS; i++) {
    if (proto !== 0 && proto !== 43 && proto !== 44 && proto !== 60 && proto !== AH) break;
    if (header + 8 > stop) return closed(proto, length, header, stop);
    const bytes: u32 = proto === 44 ? 8 : proto === AH ? (u8At(header + 1) + 2) << 2 : (u8At(header + 1) + 1) << 3;
    if (bytes > length) return closed(proto, length, header, stop);
    if (proto === 44) {
      const word = u16At(header + 2);
      offset = word >> 3;
      more = (word & 1) !== 0;
      id = u32At(header + 4);
    }
    proto = u8At(header);
    header += bytes;
    length -= bytes;
    if (offset !== 0) break;
  }
  packet.proto = proto;
  return decodeTransport(packet, header, stop, length, offset, more, id);
}

/** Keys the packet opened last on a header that could not be passed: no ports, the rest is payload. */
function closed(proto: u32, length: u32, at: usize, stop: usize): i32 {
  const packet = packetAt(depth);
  packet.proto = proto;
  packet.payload = at;
  packet.payloadBytes = length;
  packet.payloadCaptured = at < stop ? <u32>(stop - at) : 0;
  return FLOW;
}
