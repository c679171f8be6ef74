import {Bytes, Cut} from "./reference-bytes.ts";
import {familyOf, frameRelay, loopback, nflog, ofFamily, type Within} from "./reference-headers.ts";
import type {Decoded, IpPacket, Outcome} from "./reference-packet.ts";
import {opaque, withPorts} from "./reference-transport.ts";
import {looksEthernet, tunnelIn} from "./reference-tunnels.ts";

/** A plain decoder, slow and obvious, that the core is compared with. It shares no code with it. */

/** What of a frame has been peeled off so far. */
interface Path {
  readonly frame: Uint8Array;
  readonly wire: number;
  readonly packets: readonly IpPacket[];
  readonly vlans: readonly number[];
  readonly tunnels: readonly string[];
  /** Link layers within others. */
  readonly layers?: number;
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
      case 108:
        return this.#behind(loopback(b), path);
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
        return this.#behind(nflog(b), path);
      case 276:
        b.need(20);
        return this.#cooked(b.u16(0), b.from(20), path);
      default:
        return this.#rareLink(link, b, path);
    }
  }

  #rareLink(link: number, b: Bytes, path: Path): Outcome {
    const little = (at: number, size: number) => {
      b.need(at + size);
      return [...Array(size).keys()].reduce((sum, i) => sum + b.u8(at + i) * 256 ** i, 0);
    };
    /** What stands behind a header that says its length; headers beyond 32 are malformed. */
    const behind = (length: number, least: number, decode: (rest: Bytes, path: Path) => Outcome) =>
      length < least || length > b.length ? "malformed" : decode(b.from(length), path);
    const nested = (length: number, least: number, type: number) =>
      behind(length, least, (rest, p) => {
        const layers = (p.layers ?? 0) + 1;
        return layers > 32 ? "malformed" : this.#link(type, rest, {...p, layers});
      });
    switch (link) {
      case 6: {
        b.need(16);
        if ((b.u8(1) & 0xc0) !== 0x40) return "non-ip";
        return this.#llc(b.from(14 + (b.u8(8) & 0x80 ? b.u8(14) & 31 : 0)), path);
      }
      case 107:
        return this.#behind(frameRelay(b), path);
      case 109: {
        b.need(12);
        return this.#behind(ofFamily(familyOf(b), [10, 23, 24, 28, 30], b.from(12)), path);
      }
      case 117:
        b.need(4);
        return behind(Math.ceil(b.u8(0) / 4) * 4, 48, (rest, p) =>
          this.#behind(ofFamily(b.u8(1), [10, 24, 28, 30], rest), p)
        );
      case 119:
      case 163: {
        b.need(8);
        const isAvs = link === 163 || b.u32(0) >>> 12 === 0x80211;
        return behind(isAvs ? b.u32(4) : little(4, 4), 8, (rest, p) => this.#wlan(rest, p));
      }
      case 122:
        return this.#llc(b.from(16), path);
      case 138:
        return this.#etherType(b.u16(16), b.from(18), path);
      case 166:
        return this.#ppp(b.from(2), path);
      case 182:
        b.need(2);
        return b.u8(0) >> 5 === 6 ? this.#behind(frameRelay(b.from(2)), path) : "non-ip";
      case 192:
        b.need(8);
        return nested(little(2, 2), 8, little(4, 4));
      case 204:
        return this.#link(9, b.from(1), path);
      case 205:
        return this.#link(104, b.from(1), path);
      case 206:
        return this.#behind(frameRelay(b.from(1)), path);
      case 226:
        return this.#behind(ofFamily(b.u8(1) === 10 ? 0 : b.u8(1), [26], b.from(24)), path);
      case 240:
      case 282:
        return this.#ethernet(b.from(4), path);
      case 258:
        b.need(12);
        if (little(4, 4) !== 1) return behind(little(0, 4), 12, () => "non-ip");
        return nested(little(0, 4), 12, little(8, 4));
      case 274:
        b.need(8);
        return b.u8(7) === 0xd5 ? this.#ethernet(b.from(8), path) : "non-ip";
      case 281:
        return this.#etherType(b.u16(16), b.from(18), path);
      case 284:
      case 285: {
        const at = link === 284 ? 12 : 16;
        b.need(at + 6);
        const vlans = b.u16(at) & 0x2000 ? [...path.vlans, b.u16(at + 2) & 0xfff] : path.vlans;
        return this.#etherType(b.u16(at + 4), b.from(at + 6), {...path, vlans});
      }
    }
    return "unread";
  }

  /** What a header says stands behind it. */
  #behind(found: Within | "malformed" | "non-ip", path: Path): Outcome {
    return typeof found === "string" ? found : this.#within(found, path);
  }

  #wlan(b: Bytes, path: Path, isSwapped = false): Outcome {
    const [control, flags] = isSwapped ? [b.u8(1), b.u8(0)] : [b.u8(0), b.u8(1)];
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
      case 0x8903:
        return this.#ethernet(b.from(2), path);
      case 0x22f3:
        b.need(6);
        return this.#ethernet(b.from(6 + ((b.u16(0) >> 6) & 31) * 4), path);
      case 0x88e5: {
        b.need(6);
        if (b.u8(0) & 0x8c) return "non-ip";
        const at = b.u8(0) & 0x20 ? 14 : 6;
        return this.#etherType(b.u16(at), b.from(at + 2), path);
      }
      case 0x894f: {
        b.need(8);
        const length = (b.u8(1) & 63) * 4;
        if (length < 8 || length > b.length) return "malformed";
        const [next, rest] = [b.u8(3), b.from(length)];
        if (next === 1) return this.#ip4(rest, path);
        if (next === 2) return this.#ip6(rest, path);
        if (next === 3) return this.#ethernet(rest, path);
        return next === 5 ? this.#mpls(rest, path) : "non-ip";
      }
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
    if (version === 4 && !looksEthernet(rest)) return this.#ip4(rest, path);
    if (version === 6 && !looksEthernet(rest)) return this.#ip6(rest, path);
    if (version === 0 && looksEthernet(rest.from(4))) return this.#ethernet(rest.from(4), path);
    return looksEthernet(rest) ? this.#ethernet(rest, path) : "non-ip";
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
    try {
      const tunnel = tunnelIn(outer, b);
      if (tunnel === null) return null;
      const outcome = this.#within(tunnel, {...path, tunnels: [...path.tunnels, tunnel.name]});
      return typeof outcome === "string" ? null : outcome;
    } catch (error) {
      if (error instanceof Cut) return null;
      throw error;
    }
  }

  #within({content, rest}: Within, path: Path): Outcome {
    switch (content) {
      case "ip4":
        return this.#ip4(rest, path);
      case "ip6":
        return this.#ip6(rest, path);
      case "ethernet":
        return this.#ethernet(rest, path);
      case "ppp":
        return this.#ppp(rest, path);
      case "mpls":
        return this.#mpls(rest, path);
      case "wlan":
      case "swapped wlan":
        return this.#wlan(rest, path, content !== "wlan");
      case "malformed":
        return content;
      default:
        return this.#etherType(content, rest, path);
    }
  }
}
