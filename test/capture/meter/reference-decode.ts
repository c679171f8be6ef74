import {Bytes, Cut} from "./reference-bytes.ts";
import {opaque, withPorts} from "./reference-transport.ts";

/** A plain decoder, slow and obvious, that the core is compared with. It shares no code with it. */

export interface IpPacket {
  readonly version: 4 | 6;
  /** Addresses as hexadecimal. */
  readonly src: string;
  readonly dst: string;
  readonly proto: number;
  readonly ipBytes: number;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly oneWay: boolean;
  readonly payloadBytes: number;
  readonly payload: Uint8Array;
  readonly tcp: {flags: number; seq: number; ack: number; window: number} | null;
}

export interface Decoded {
  readonly outer: IpPacket;
  readonly inner: IpPacket;
  readonly vlans: readonly number[];
  readonly tunnels: readonly string[];
}

export type Outcome = Decoded | "non-ip" | "arp" | "malformed" | "unread";

/** What of a frame has been peeled off so far. */
interface Path {
  readonly frame: Uint8Array;
  readonly wire: number;
  readonly packets: readonly IpPacket[];
  readonly vlans: readonly number[];
  readonly tunnels: readonly string[];
}

export class ReferenceDecoder {
  readonly #fragments = new Map<string, {ports: [number, number]; oneWay: boolean}>();

  decode(link: number, frame: Uint8Array, wire: number): Outcome {
    const path: Path = {frame, wire, packets: [], vlans: [], tunnels: []};
    try {
      return this.#link(link, new Bytes(frame), path);
    } catch (error) {
      if (error instanceof Cut) return "malformed";
      throw error;
    }
  }

  #link(link: number, b: Bytes, path: Path): Outcome {
    switch (link) {
      case 1:
        return this.#ethernet(b, path);
      case 0:
      case 108: {
        b.need(4);
        const big = b.u32(0);
        const family = big <= 0xffff ? big : Buffer.from(b.bytes).readUInt32LE(0);
        const known = family <= 0xffff ? family : -1;
        if (known === 2) return this.#ip4(b.from(4), path);
        return [10, 23, 24, 28, 30].includes(known) ? this.#ip6(b.from(4), path) : "non-ip";
      }
      case 9:
      case 50:
        if (b.u16(0) === 0xff03) return this.#ppp(b.from(2), path);
        if (b.u16(0) === 0x0f00 || b.u16(0) === 0x8f00) return this.#etherType(b.u16(2), b.from(4), path);
        return this.#ppp(b, path);
      case 10:
        b.need(13);
        return this.#llc(b.from(13), path);
      case 12:
      case 14:
      case 101: {
        const version = b.u8(0) >> 4;
        return version === 4 ? this.#ip4(b, path) : version === 6 ? this.#ip6(b, path) : "malformed";
      }
      case 104:
        return this.#etherType(b.u16(2), b.from(4), path);
      case 105:
        return this.#wlan(b, path);
      case 113:
        return this.#cooked(b.u16(14), b.from(16), path);
      case 127: {
        const length = b.u8(2) + 256 * b.u8(3);
        if (length < 8 || length > b.length) return "malformed";
        return this.#wlan(b.from(length), path);
      }
      case 228:
        return this.#ip4(b, path);
      case 229:
        return this.#ip6(b, path);
      case 239:
        return this.#nflog(b, path);
      case 276:
        b.need(20);
        return this.#cooked(b.u16(0), b.from(20), path);
      default:
        return "unread";
    }
  }

  #nflog(b: Bytes, path: Path): Outcome {
    b.need(4);
    for (let at = 4; at + 4 <= b.length; ) {
      const length = b.u8(at) + 256 * b.u8(at + 1);
      if (length < 4) return "malformed";
      if (b.u8(at + 2) + 256 * b.u8(at + 3) === 9) {
        const packet = b.from(at + 4, Math.min(at + length, b.length));
        return b.u8(0) === 2 ? this.#ip4(packet, path) : b.u8(0) === 10 ? this.#ip6(packet, path) : "non-ip";
      }
      at += Math.ceil(length / 4) * 4;
    }
    return "non-ip";
  }

  #wlan(b: Bytes, path: Path): Outcome {
    const [control, flags] = [b.u8(0), b.u8(1)];
    const [isData, isNull, isQos] = [(control & 12) === 8, (control & 0x40) !== 0, (control & 0x80) !== 0];
    if (!isData || isNull || flags & 0x40) return "non-ip";
    let header = (flags & 3) === 3 ? 30 : 24;
    if (isQos) {
      b.need(header + 2);
      if (b.u8(header) & 0x80) return "non-ip";
      header += flags & 0x80 ? 6 : 2;
    }
    b.need(header + 3);
    return this.#llc(b.from(header), path);
  }

  #cooked(type: number, b: Bytes, path: Path): Outcome {
    if (type === 4) return this.#llc(b, path);
    return type < 1536 ? "non-ip" : this.#etherType(type, b, path);
  }

  #ethernet(b: Bytes, path: Path): Outcome {
    b.need(14);
    return this.#etherType(b.u16(12), b.from(14), path);
  }

  #etherType(type: number, b: Bytes, path: Path, shims = 0): Outcome {
    if (shims === 16) return "malformed";
    switch (type) {
      case 0x0800:
        return this.#ip4(b, path);
      case 0x86dd:
        return this.#ip6(b, path);
      case 0x0806:
        return "arp";
      case 0x8100:
      case 0x88a8:
      case 0x9100:
      case 0x9200: {
        b.need(4);
        const vlans = [...path.vlans, b.u16(0) & 0xfff];
        return this.#etherType(b.u16(2), b.from(4), {...path, vlans}, shims + 1);
      }
      case 0x8847:
      case 0x8848:
        return this.#mpls(b, path);
      case 0x8864:
        b.need(6);
        if (b.u8(0) !== 0x11) return "malformed";
        return b.u8(1) === 0 ? this.#ppp(b.from(6), path) : "non-ip";
      case 0x880b:
        return this.#ppp(b, path);
      case 0x8909:
        b.need(8);
        return this.#etherType(b.u16(6), b.from(8), path, shims + 1);
      case 0x8926:
        b.need(6);
        return this.#etherType(b.u16(4), b.from(6), path, shims + 1);
      case 0x88e7:
        b.need(4);
        return this.#ethernet(b.from(4), path);
      case 0x6558:
        return this.#ethernet(b, path);
      default:
        return type <= 1500 ? this.#llc(b, path) : "non-ip";
    }
  }

  #llc(b: Bytes, path: Path): Outcome {
    b.need(3);
    if (b.u16(0) === 0x0606) return this.#ip4(b.from(3), path);
    if (b.u16(0) !== 0xaaaa) return "non-ip";
    b.need(8);
    const vendor = b.u16(3) * 256 + b.u8(5);
    if ((vendor !== 0 && vendor !== 0xf8) || b.u16(6) <= 1500) return "non-ip";
    return this.#etherType(b.u16(6), b.from(8), path);
  }

  #mpls(b: Bytes, path: Path): Outcome {
    let labels = 0;
    do b.need(4 * ++labels);
    while (!(b.u8(4 * labels - 2) & 1) && labels < 16);
    if (!(b.u8(4 * labels - 2) & 1)) return "malformed";
    const rest = b.from(4 * labels);
    const version = rest.u8(0) >> 4;
    const ethernet = (frame: Bytes) => {
      if (frame.length < 14) return false;
      const type = frame.u16(12);
      if (type === 0x0800 || type === 0x86dd)
        return frame.length > 14 && frame.u8(14) >> 4 === (type === 0x0800 ? 4 : 6);
      return [0x0806, 0x8100, 0x88a8].includes(type);
    };
    if (version === 4 && !ethernet(rest)) return this.#ip4(rest, path);
    if (version === 6 && !ethernet(rest)) return this.#ip6(rest, path);
    if (version === 0 && ethernet(rest.from(4))) return this.#ethernet(rest.from(4), path);
    return ethernet(rest) ? this.#ethernet(rest, path) : "non-ip";
  }

  #ppp(b: Bytes, path: Path): Outcome {
    const short = (b.u8(0) & 1) === 1;
    const type = short ? b.u8(0) : b.u16(0);
    const rest = b.from(short ? 1 : 2);
    if (type === 0x21) return this.#ip4(rest, path);
    if (type === 0x57) return this.#ip6(rest, path);
    return type === 0x281 || type === 0x283 ? this.#mpls(rest, path) : "non-ip";
  }

  #ip4(b: Bytes, path: Path): Outcome {
    b.need(20);
    const header = (b.u8(0) & 15) * 4;
    if (b.u8(0) >> 4 !== 4 || header < 20 || path.packets.length > 8) return "malformed";
    const onWire = path.wire - (b.bytes.byteOffset - path.frame.byteOffset);
    const ipBytes = b.u16(2) || Math.max(onWire, header);
    if (ipBytes < header) return "malformed";
    const rest = b.from(header, Math.min(b.length, ipBytes));
    const ip = {version: 4 as const, src: b.hex(12, 4), dst: b.hex(16, 4), ipBytes};
    const word = b.u16(6);
    const fragment = {offset: word & 0x1fff, more: (word & 0x2000) !== 0, id: b.u16(4)};
    const [proto, length] = [b.u8(9), ipBytes - header];
    if (proto !== 51) return this.#transport(ip, proto, rest, length, fragment, path);
    const bytes = rest.length >= 8 ? (rest.u8(1) + 2) * 4 : length + 1;
    if (bytes > length) return this.#done({...ip, ...opaque(proto, rest, length)}, path);
    return this.#transport(ip, rest.u8(0), rest.from(bytes), length - bytes, fragment, path);
  }

  #ip6(b: Bytes, path: Path): Outcome {
    b.need(40);
    if (b.u8(0) >> 4 !== 6 || path.packets.length > 8) return "malformed";
    const onWire = path.wire - (b.bytes.byteOffset - path.frame.byteOffset) - 40;
    let length = b.u16(4) || Math.max(onWire, 0);
    const ip = {version: 6 as const, src: b.hex(8, 16), dst: b.hex(24, 16), ipBytes: length + 40};
    let rest = b.from(40, Math.min(b.length, 40 + length));
    let proto = b.u8(6);
    let fragment = {offset: 0, more: false, id: 0};
    for (let i = 0; i < 16 && [0, 43, 44, 51, 60].includes(proto) && fragment.offset === 0; i++) {
      if (rest.length < 8) return this.#done({...ip, ...opaque(proto, rest, length)}, path);
      const bytes = proto === 44 ? 8 : proto === 51 ? (rest.u8(1) + 2) * 4 : (rest.u8(1) + 1) * 8;
      if (bytes > length) return this.#done({...ip, ...opaque(proto, rest, length)}, path);
      if (proto === 44) fragment = {offset: rest.u16(2) >> 3, more: (rest.u16(2) & 1) === 1, id: rest.u32(4)};
      proto = rest.u8(0);
      rest = rest.from(bytes);
      length -= bytes;
    }
    return this.#transport(ip, proto, rest, length, fragment, path);
  }

  #transport(
    ip: Pick<IpPacket, "version" | "src" | "dst" | "ipBytes">,
    proto: number,
    b: Bytes,
    length: number,
    fragment: {offset: number; more: boolean; id: number},
    path: Path
  ): Outcome {
    const plain: IpPacket = {...ip, ...opaque(proto, b, length)};
    const key = [ip.version, ip.src, ip.dst, fragment.id, proto].join();
    if (fragment.offset > 0) {
      const first = this.#fragments.get(key);
      if (!first) return this.#done(plain, path);
      return this.#done({...plain, srcPort: first.ports[0], dstPort: first.ports[1], oneWay: first.oneWay}, path);
    }
    const packet = withPorts(plain, b, length);
    const next = {...path, packets: [...path.packets, packet]};
    const inside = path.tunnels.length < 8 && path.packets.length < 8 ? this.#tunnel(packet, b, next) : null;
    if (inside) return inside;
    if (fragment.more) this.#fragments.set(key, {ports: [packet.srcPort, packet.dstPort], oneWay: packet.oneWay});
    return this.#done(packet, path);
  }

  #done(packet: IpPacket, {packets, vlans, tunnels}: Path): Decoded {
    return {outer: packets[0] ?? packet, inner: packet, vlans, tunnels};
  }

  /** The packet inside a tunnel; null where there is none, or none that can be read. */
  #tunnel(outer: IpPacket, b: Bytes, path: Path): Decoded | null {
    const inside = (name: string, decode: (path: Path) => Outcome): Decoded | null => {
      const outcome = decode({...path, tunnels: [...path.tunnels, name]});
      return typeof outcome === "string" ? null : outcome;
    };
    try {
      switch (outer.proto) {
        case 4:
          return inside(outer.version === 4 ? "ipip" : "4in6", (p) => this.#ip4(b, p));
        case 41:
          return inside(outer.version === 4 ? "6in4" : "6in6", (p) => this.#ip6(b, p));
        case 47:
          return this.#gre(b, inside);
        case 97:
          return b.u8(0) >> 4 === 3 ? inside("etherip", (p) => this.#ethernet(b.from(2), p)) : null;
        case 137:
          return inside("mpls-in-ip", (p) => this.#mpls(b, p));
        case 17:
          return b.length > 8 ? this.#udpTunnel(outer, b.from(8), inside) : null;
      }
      return null;
    } catch (error) {
      if (error instanceof Cut) return null;
      throw error;
    }
  }

  #gre(b: Bytes, inside: (name: string, decode: (path: Path) => Outcome) => Decoded | null): Decoded | null {
    const [flags, type] = [b.u16(0), b.u16(2)];
    if ((flags & 7) === 1) {
      if (type !== 0x880b) return null;
      const rest = b.from(8 + (flags & 0x1000 ? 4 : 0) + (flags & 0x80 ? 4 : 0));
      return inside("pptp", (p) => this.#ppp(rest.length >= 2 && rest.u16(0) === 0xff03 ? rest.from(2) : rest, p));
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
    if (type === 0x88be && !(flags & 0x1000)) return inside("erspan:0", (p) => this.#ethernet(b.from(at), p));
    if (type === 0x88be) return inside(`erspan:${b.u16(at + 2) & 0x3ff}`, (p) => this.#ethernet(b.from(at + 8), p));
    if (type === 0x22eb) {
      b.need(at + 12);
      const header = b.u8(at + 11) & 1 ? 20 : 12;
      return inside(`erspan:${b.u16(at + 2) & 0x3ff}`, (p) => this.#ethernet(b.from(at + header), p));
    }
    return inside(name, (p) => this.#etherType(type, b.from(at), p));
  }

  #udpTunnel(
    {srcPort, dstPort}: IpPacket,
    b: Bytes,
    inside: (name: string, decode: (path: Path) => Outcome) => Decoded | null
  ): Decoded | null {
    if (dstPort === 4789 || dstPort === 8472) {
      b.need(8);
      return (b.u8(0) & 8) !== 0 ? inside(`vxlan:${b.u32(4) >>> 8}`, (p) => this.#ethernet(b.from(8), p)) : null;
    }
    if (dstPort === 4790) {
      b.need(8);
      if (!(b.u8(0) & 8)) return null;
      const next = b.u8(0) & 4 ? b.u8(3) : 3;
      const rest = b.from(8);
      return inside(`vxlan:${b.u32(4) >>> 8}`, (p) => {
        if (next === 1) return this.#ip4(rest, p);
        if (next === 2) return this.#ip6(rest, p);
        if (next === 3) return this.#ethernet(rest, p);
        return next === 5 ? this.#mpls(rest, p) : "malformed";
      });
    }
    if (dstPort === 6081) {
      b.need(8);
      if (b.u8(0) >> 6) return null;
      const rest = b.from(8 + (b.u8(0) & 63) * 4);
      return inside(`geneve:${b.u32(4) >>> 8}`, (p) => this.#etherType(b.u16(2), rest, p));
    }
    if (dstPort === 4754) return this.#gre(b, inside);
    if (dstPort === 2152 || (srcPort === 2152 && dstPort !== 3544)) return this.#gtp(b, inside);
    if (dstPort === 3544 || srcPort === 3544) {
      let rest = b;
      if (rest.length >= 4 && rest.u16(0) === 1) rest = rest.from(13 + rest.u8(2) + rest.u8(3));
      if (rest.length >= 8 && rest.u16(0) === 0) rest = rest.from(8);
      if (rest.length < 40 || rest.u8(0) >> 4 !== 6 || 40 + rest.u16(4) > rest.length) return null;
      return inside("teredo", (p) => this.#ip6(rest, p));
    }
    return null;
  }

  #gtp(b: Bytes, inside: (name: string, decode: (path: Path) => Outcome) => Decoded | null): Decoded | null {
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
    return inside(`gtpu:${b.u32(4)}`, (p) => (rest.u8(0) >> 4 === 6 ? this.#ip6(rest, p) : this.#ip4(rest, p)));
  }
}
