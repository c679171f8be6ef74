import type {Bytes} from "./reference-bytes.ts";
import type {Within} from "./reference-headers.ts";
import type {IpPacket} from "./reference-packet.ts";

/** A tunnel's name, and what it carries. */
export interface Tunnel extends Within {
  readonly name: string;
}

/** The tunnel within a packet; null where there is none, or none that can be read. Throws `Cut` where it is cut off. */
export function tunnelIn(outer: IpPacket, b: Bytes): Tunnel | null {
  switch (outer.proto) {
    case 4:
      return {name: outer.version === 4 ? "ipip" : "4in6", content: "ip4", rest: b};
    case 41:
      return {name: outer.version === 4 ? "6in4" : "6in6", content: "ip6", rest: b};
    case 47:
      return gre(b);
    case 97:
      return b.u8(0) >> 4 === 3 ? {name: "etherip", content: "ethernet", rest: b.from(2)} : null;
    case 115:
      return b.u32(0) === 0 ? null : pseudowire(b.u32(0), b.from(4));
    case 137:
      return {name: "mpls-in-ip", content: "mpls", rest: b};
    case 17:
      return b.length > 8 ? ofUdp(outer, b.from(8)) : null;
  }
  return null;
}

function gre(b: Bytes): Tunnel | null {
  const [flags, type] = [b.u16(0), b.u16(2)];
  if ((flags & 7) === 1) {
    if (type !== 0x880b) return null;
    const rest = b.from(8 + (flags & 0x1000 ? 4 : 0) + (flags & 0x80 ? 4 : 0));
    return {name: "pptp", content: "ppp", rest: rest.length >= 2 && rest.u16(0) === 0xff03 ? rest.from(2) : rest};
  }
  if (flags & 7 || flags & 0x4000) return null;
  let at = 4 + (flags & 0x8000 ? 4 : 0);
  let name = "gre";
  if (flags & 0x2000) {
    name = `gre:${b.u32(at)}`;
    at += 4;
  }
  if (flags & 0x1000) at += 4;
  b.need(at + 4);
  if (type === 0x88be && !(flags & 0x1000)) return {name: "erspan:0", content: "ethernet", rest: b.from(at)};
  if (type === 0x88be) return {name: `erspan:${b.u16(at + 2) & 0x3ff}`, content: "ethernet", rest: b.from(at + 8)};
  if (type === 0x22eb) {
    b.need(at + 12);
    const header = b.u8(at + 11) & 1 ? 20 : 12;
    return {name: `erspan:${b.u16(at + 2) & 0x3ff}`, content: "ethernet", rest: b.from(at + header)};
  }
  if (type === 0x6558 && flags === 0x2000 && b.u32(4) >>> 20 > 0)
    return {name: `nvgre:${b.u32(4) >>> 8}`, content: "ethernet", rest: b.from(at)};
  return {name, content: type, rest: b.from(at)};
}

function pseudowire(session: number, b: Bytes): Tunnel | null {
  for (let at = 0; at <= 12 && at <= b.length; at += 4) {
    const rest = b.from(at);
    if (looksEthernet(rest)) return {name: `l2tpv3:${session}`, content: "ethernet", rest};
    if (rest.length >= 5 && rest.u32(0) === 0xff030021 && rest.u8(4) >> 4 === 4)
      return {name: `l2tpv3:${session}`, content: "ppp", rest: rest.from(2)};
  }
  return null;
}

function l2tp(b: Bytes): Tunnel | null {
  b.need(8);
  const flags = b.u16(0);
  if (flags & 0x8000) return null;
  if ((flags & 15) === 3) return flags & 0xfff0 ? null : pseudowire(b.u32(4), b.from(8));
  if ((flags & 0x34ff) !== 2) return null;
  let at = flags & 0x4000 ? 4 : 2;
  const id = `${b.u16(at)}/${b.u16(at + 2)}`;
  at += flags & 0x800 ? 8 : 4;
  if (flags & 0x200) at += 2 + b.u16(at);
  b.need(at + 2);
  const rest = b.u16(at) === 0xff03 ? b.from(at + 2) : b.from(at);
  return {name: `l2tp:${id}`, content: "ppp", rest};
}

function capwap(b: Bytes): Tunnel | null {
  b.need(8);
  const word = b.u32(0);
  const header = ((word >>> 19) & 31) * 4;
  if (b.u8(0) !== 0 || header < 8 || word & 8 || (word & 0x80 && b.u16(6) >> 3)) return null;
  const rest = b.from(header);
  if (!(word & 0x100)) return {name: "capwap", content: "ethernet", rest};
  if (((word >>> 9) & 31) !== 1) return null;
  const isSwapped = (rest.u8(0) & 15) !== 8 && (rest.u8(1) & 15) === 8;
  return {name: "capwap", content: isSwapped ? "swapped wlan" : "wlan", rest};
}

function tzsp(b: Bytes): Tunnel | null {
  b.need(5);
  if (b.u8(0) !== 1 || b.u8(1) > 1) return null;
  let at = 4;
  for (let fields = 0; fields < 64; fields++) {
    const field = b.u8(at++);
    if (field === 1) break;
    if (field !== 0) at += 1 + b.u8(at);
    if (fields === 63) return null;
  }
  const [content, rest] = [b.u16(2), b.from(at)];
  if (content === 1) return {name: "tzsp", content: "ethernet", rest};
  return content === 18 ? {name: "tzsp", content: "wlan", rest} : null;
}

function ofUdp({srcPort, dstPort}: IpPacket, b: Bytes): Tunnel | null {
  if (dstPort === 4789 || dstPort === 8472) {
    b.need(8);
    return (b.u8(0) & 8) !== 0 ? {name: `vxlan:${b.u32(4) >>> 8}`, content: "ethernet", rest: b.from(8)} : null;
  }
  if (dstPort === 4790) {
    b.need(8);
    if (!(b.u8(0) & 8)) return null;
    const next = b.u8(0) & 4 ? b.u8(3) : 3;
    const rest = b.from(8);
    const content = (["malformed", "ip4", "ip6", "ethernet", 0x894f, "mpls"] as const)[next] ?? "malformed";
    return {name: `vxlan:${b.u32(4) >>> 8}`, content, rest};
  }
  if (dstPort === 6081) {
    b.need(8);
    if (b.u8(0) >> 6) return null;
    const rest = b.from(8 + (b.u8(0) & 63) * 4);
    return {name: `geneve:${b.u32(4) >>> 8}`, content: b.u16(2), rest};
  }
  if (dstPort === 4754) return gre(b);
  if (dstPort === 4341) {
    b.need(9);
    if ((b.u8(0) & 0x90) === 0x90 || ![4, 6].includes(b.u8(8) >> 4)) return null;
    const rest = b.from(8);
    const name = b.u8(0) & 8 ? `lisp:${b.u32(4) >>> 8}` : "lisp";
    return {name, content: ipOf(rest), rest};
  }
  if (dstPort === 6635) return {name: "mpls-in-ip", content: "mpls", rest: b};
  if (dstPort === 37008) return tzsp(b);
  const others = [2152, 3544, 1701, 5072, 5247];
  const port = others.includes(dstPort) ? dstPort : srcPort;
  if (port === 1701) return l2tp(b);
  if (port === 5247) return capwap(b);
  if (port === 5072) {
    b.need(8);
    const next = b.u8(3);
    if ((b.u8(2) & 15) !== 1 || (next !== 41 && next !== 4)) return null;
    const rest = b.from(8 + 2 ** (b.u8(0) >> 4) + (b.u8(1) >> 4) * 4);
    return {name: "ayiya", content: next === 41 ? "ip6" : "ip4", rest};
  }
  if (dstPort === 2152 || (srcPort === 2152 && dstPort !== 3544)) return gtp(b);
  if (dstPort === 3544 || srcPort === 3544) {
    let rest = b;
    if (rest.length >= 4 && rest.u16(0) === 1) rest = rest.from(13 + rest.u8(2) + rest.u8(3));
    if (rest.length >= 8 && rest.u16(0) === 0) rest = rest.from(8);
    if (rest.length < 40 || rest.u8(0) >> 4 !== 6 || 40 + rest.u16(4) > rest.length) return null;
    return {name: "teredo", content: "ip6", rest};
  }
  return null;
}

function gtp(b: Bytes): Tunnel | null {
  b.need(8);
  if (b.u8(0) >> 4 !== 3 || b.u8(1) !== 255) return null;
  let at = 8;
  if (b.u8(0) & 7) {
    let type = b.u8(0) & 4 ? b.u8(11) : 0;
    b.need(12);
    at = 12;
    for (let i = 0; type !== 0; i++) {
      const bytes = b.u8(at) * 4;
      if (i === 8 || bytes === 0) return null;
      type = b.u8(at + bytes - 1);
      at += bytes;
    }
  }
  const rest = b.from(at);
  return {name: `gtpu:${b.u32(4)}`, content: ipOf(rest), rest};
}

function ipOf(rest: Bytes): "ip4" | "ip6" {
  return rest.u8(0) >> 4 === 6 ? "ip6" : "ip4";
}

/** Whether a frame begins like one of Ethernet that carries IP, ARP or a VLAN. */
export function looksEthernet(frame: Bytes): boolean {
  if (frame.length < 14) return false;
  const type = frame.u16(12);
  if (type === 0x0800 || type === 0x86dd) return frame.length > 14 && frame.u8(14) >> 4 === (type === 0x0800 ? 4 : 6);
  return [0x0806, 0x8100, 0x88a8].includes(type);
}
