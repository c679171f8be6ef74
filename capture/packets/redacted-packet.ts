/** How addresses are replaced; each writes in place, over as many bytes as it is given. */
export interface AddressMaps {
  /** 4 or 16 bytes. */
  ip(address: Uint8Array): void;
  /** 6 bytes of one station. */
  mac(address: Uint8Array): void;
}

const deepest = 8;
const etherTypes = {ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd, bridged: 0x6558} as const;
const tags: readonly number[] = [0x8100, 0x88a8, 0x9100];
const links = {
  null: 0,
  ethernet: 1,
  raw: [12, 14, 101],
  ipv4: 228,
  ipv6: 229,
  cooked: 113,
  cooked2: 276,
  loop: 108
} as const;

/**
 * A copy of a frame that keeps lengths, ports, flags, sequence numbers and times, and nothing else: addresses are replaced at
 * every depth (tunnels, ARP, neighbour discovery, what ICMP quotes), checksums are right again, and payloads, unknown headers
 * and options are zeros. A frame of an unknown link type is all zeros.
 */
export function redactedFrame(link: number, frame: Uint8Array, maps: AddressMaps): Uint8Array {
  const bytes = Uint8Array.from(frame);
  new Frame(bytes, maps).link(link);
  return bytes;
}

class Frame {
  readonly #bytes: Uint8Array;
  readonly #maps: AddressMaps;
  #depth = 0;

  constructor(bytes: Uint8Array, maps: AddressMaps) {
    this.#bytes = bytes;
    this.#maps = maps;
  }

  link(link: number): undefined {
    const end = this.#bytes.length;
    if (link === links.ethernet) return this.#ethernet(0, end);
    if ((links.raw as readonly number[]).includes(link) || link === links.ipv4 || link === links.ipv6)
      return this.#ip(0, end);
    if (link === links.null || link === links.loop) return this.#ip(4, end);
    if (link === links.cooked) {
      // Packet type, ARPHRD, length and address of the sender (8 bytes), protocol.
      if (end >= 16) this.#station(6);
      this.#zero(12, Math.min(14, end));
      return this.#typed(end >= 16 ? this.#u16(14) : -1, 16, end);
    }
    if (link === links.cooked2) {
      if (end >= 20) this.#station(12);
      this.#zero(18, Math.min(20, end));
      return this.#typed(end >= 20 ? this.#u16(0) : -1, 20, end);
    }
    this.#zero(0, end);
  }

  #ethernet(at: number, end: number): undefined {
    if (at + 14 > end) return this.#zero(at, end);
    this.#station(at);
    this.#station(at + 6);
    this.#typed(this.#u16(at + 12), at + 14, end);
  }

  #typed(type: number, from: number, end: number): undefined {
    let at = from;
    let inner = type;
    for (let n = 0; n < 4 && tags.includes(inner) && at + 4 <= end; n++) {
      inner = this.#u16(at + 2);
      at += 4;
    }
    if (inner === 0x8847 || inner === 0x8848) {
      while (at + 4 <= end && (this.#bytes[at + 2] & 1) === 0) at += 4;
      return this.#ip(at + 4, end);
    }
    if (inner === 0x8864 && at + 8 <= end) return this.#ip(at + 8, end);
    if (inner === etherTypes.arp) return this.#arp(at, end);
    if (inner === etherTypes.ipv4 || inner === etherTypes.ipv6) return this.#ip(at, end);
    if (inner === etherTypes.bridged && ++this.#depth <= deepest) return this.#ethernet(at, end);
    this.#zero(at, end);
  }

  #arp(at: number, end: number): undefined {
    const isUsual = at + 28 <= end && this.#bytes[at + 4] === 6 && this.#bytes[at + 5] === 4;
    if (!isUsual) return this.#zero(at, end);
    for (const place of [at + 8, at + 18]) this.#station(place);
    for (const place of [at + 14, at + 24]) this.#maps.ip(this.#bytes.subarray(place, place + 4));
    this.#zero(at + 28, end);
  }

  /** An IP packet; `end` is that of what was captured. Where it says itself that it ends earlier, the rest is padding. */
  #ip(at: number, end: number): undefined {
    if (++this.#depth > deepest || at >= end) return this.#zero(at, end);
    const version = this.#bytes[at] >> 4;
    if (version === 4) this.#ipv4(at, end);
    else if (version === 6) this.#ipv6(at, end);
    else this.#zero(at, end);
    this.#depth--;
  }

  #ipv4(at: number, end: number): undefined {
    const header = (this.#bytes[at] & 15) * 4;
    if (header < 20 || at + header > end) return this.#zero(at, end);
    const length = this.#u16(at + 2) || end - at;
    const last = Math.min(end, Math.max(at + header, at + length));
    this.#maps.ip(this.#bytes.subarray(at + 12, at + 16));
    this.#maps.ip(this.#bytes.subarray(at + 16, at + 20));
    this.#zero(at + 20, at + header);
    const pieces = this.#u16(at + 6) & 0x3fff;
    const pseudo = this.#sum(at + 12, at + 20) + this.#bytes[at + 9];
    this.#transport(this.#bytes[at + 9], at + header, last, {pseudo, wire: length - header, pieces});
    this.#zero(last, end);
    this.#put16(at + 10, 0);
    this.#put16(at + 10, folded(this.#sum(at, at + header)));
  }

  #ipv6(at: number, end: number): undefined {
    if (at + 40 > end) return this.#zero(at, end);
    const length = this.#u16(at + 4) || end - at - 40;
    const last = Math.min(end, at + 40 + length);
    for (const place of [at + 8, at + 24]) this.#maps.ip(this.#bytes.subarray(place, place + 16));
    let next = this.#bytes[at + 6];
    let from = at + 40;
    let pieces = 0;
    for (let n = 0; n < 8 && [0, 43, 44, 60].includes(next) && from + 8 <= last; n++) {
      const size = next === 44 ? 8 : (this.#bytes[from + 1] + 1) * 8;
      if (next === 44) pieces = (this.#u16(from + 2) & 0xfff9) >>> 0;
      // Options and routes: zeros are padding.
      else this.#zero(from + 2, Math.min(from + size, last));
      next = this.#bytes[from];
      from += size;
    }
    const pseudo = this.#sum(at + 8, at + 40) + next;
    this.#transport(next, Math.min(from, last), last, {pseudo, wire: at + 40 + length - from, pieces});
    this.#zero(last, end);
  }

  #transport(proto: number, at: number, end: number, ip: Datagram): undefined {
    // A later piece of a datagram begins anywhere in it.
    const isLater = ip.pieces !== 0 && ip.pieces !== 0x2000 && ip.pieces !== 1;
    if (isLater) return this.#zero(at, end);
    if (proto === 6) return this.#tcp(at, end, ip);
    if (proto === 17) return this.#udp(at, end, ip);
    if (proto === 1 || proto === 58) return this.#icmp(proto, at, end, ip);
    if (proto === 132) return this.#sctp(at, end);
    if (proto === 4 || proto === 41) return this.#ip(at, end);
    if (proto === 47 && at + 4 <= end) return this.#gre(at, end);
    this.#zero(at, end);
  }

  #tcp(at: number, end: number, ip: Datagram): undefined {
    if (at + 20 > end) return this.#zero(at + Math.min(20, end - at), end);
    const header = Math.min(end, at + Math.max(20, (this.#bytes[at + 12] >> 4) * 4));
    for (let option = at + 20; option < header; ) {
      const kind = this.#bytes[option];
      if (kind === 0) {
        this.#zero(option, header);
        break;
      }
      const size = kind === 1 ? 1 : Math.max(2, this.#bytes[option + 1] ?? 2);
      // MSS, window scale, SACK, timestamps; others become no operation.
      if (![1, 2, 3, 4, 5, 8].includes(kind)) this.#bytes.fill(1, option, Math.min(option + size, header));
      option += size;
    }
    this.#zero(header, end);
    this.#check(at + 16, at, end, ip.pseudo + ip.wire);
  }

  #udp(at: number, end: number, ip: Datagram): undefined {
    if (at + 8 > end) return;
    const ports = [this.#u16(at), this.#u16(at + 2)];
    const length = this.#u16(at + 4) || ip.wire;
    const wasUnchecked = this.#u16(at + 6) === 0;
    if (ports.includes(4789) && at + 16 <= end) this.#ethernet(at + 16, end);
    else if (ports.includes(2152) && at + 16 <= end && this.#bytes[at + 8] >> 4 === 3 && this.#bytes[at + 9] === 255)
      this.#ip(at + 16 + (this.#bytes[at + 8] & 7 ? 4 : 0), end);
    else this.#zero(at + 8, end);
    if (wasUnchecked) return;
    this.#check(at + 6, at, end, ip.pseudo + length);
    if (this.#u16(at + 6) === 0) this.#put16(at + 6, 0xffff);
  }

  #icmp(proto: number, at: number, end: number, ip: Datagram): undefined {
    if (at + 8 > end) return this.#zero(at, end);
    const type = this.#bytes[at];
    if (proto === 1) {
      if (type === 5) this.#maps.ip(this.#bytes.subarray(at + 4, at + 8));
      if ([3, 4, 5, 11, 12].includes(type)) this.#ip(at + 8, end);
      else this.#zero(at + 8, end);
      return this.#check(at + 2, at, end, 0);
    }
    if (type < 128) this.#ip(at + 8, end);
    else if (type >= 135 && type <= 137) this.#neighbour(type, at + 8, end);
    else this.#zero(at + 8, end);
    this.#check(at + 2, at, end, ip.pseudo + ip.wire);
  }

  /** The target of a solicitation, advertisement or redirect (whose destination follows), and link-layer addresses. */
  #neighbour(type: number, from: number, end: number): undefined {
    let at = from;
    for (let n = 0; n < (type === 137 ? 2 : 1); n++, at += 16) {
      if (at + 16 > end) return this.#zero(at, end);
      this.#maps.ip(this.#bytes.subarray(at, at + 16));
    }
    while (at + 8 <= end) {
      const size = Math.min((this.#bytes[at + 1] || 1) * 8, end - at);
      const isStation = size === 8 && (this.#bytes[at] === 1 || this.#bytes[at] === 2);
      if (isStation) this.#station(at + 2);
      else this.#zero(at + 2, at + size);
      at += size;
    }
    this.#zero(at, end);
  }

  #gre(at: number, end: number): undefined {
    const flags = this.#u16(at);
    const isChecked = (flags & 0x8000) !== 0;
    const header = 4 + (isChecked ? 4 : 0) + (flags & 0x2000 ? 4 : 0) + (flags & 0x1000 ? 4 : 0);
    if (at + header > end) return this.#zero(at + 4, end);
    this.#typed(this.#u16(at + 2), at + header, end);
    if (isChecked) this.#check(at + 4, at, end, 0);
  }

  #sctp(at: number, end: number): undefined {
    if (at + 12 > end) return this.#zero(at, end);
    this.#zero(at + 8, end);
    new DataView(this.#bytes.buffer, this.#bytes.byteOffset).setUint32(
      at + 8,
      crc32c(this.#bytes.subarray(at, end)),
      true
    );
  }

  /** A link-layer address; of groups only the kind stays, since some hold bits of an address. */
  #station(at: number): undefined {
    const own = this.#bytes.subarray(at, at + 6);
    if (own.every((byte) => byte === 255) || own.every((byte) => byte === 0)) return;
    if (own[0] & 1) own.fill(0, own[0] === 0x33 ? 2 : 3);
    else this.#maps.mac(own);
  }

  /** The Internet checksum (RFC 1071) over what was captured, as if the rest were zeros, and a sum to begin with. */
  #check(place: number, from: number, end: number, begin: number): undefined {
    if (place + 2 > end) return;
    this.#put16(place, 0);
    this.#put16(place, folded(this.#sum(from, end) + begin));
  }

  #sum(from: number, end: number): number {
    let sum = 0;
    for (let at = from; at < end; at += 2) sum += (this.#bytes[at] << 8) | (at + 1 < end ? this.#bytes[at + 1] : 0);
    return sum;
  }

  #zero(from: number, end: number): undefined {
    if (from < end) this.#bytes.fill(0, from, end);
  }

  #u16(at: number): number {
    return (this.#bytes[at] << 8) | this.#bytes[at + 1];
  }

  #put16(at: number, value: number): undefined {
    this.#bytes[at] = value >> 8;
    this.#bytes[at + 1] = value & 255;
  }
}

interface Datagram {
  /** Sum of the pseudo-header but for the length. */
  readonly pseudo: number;
  /** Bytes behind the IP header by its own length. */
  readonly wire: number;
  /** Offset and flag of fragments, as they stand. */
  readonly pieces: number;
}

function folded(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
  return ~rest & 0xffff;
}

/** CRC32c (RFC 9260, appendix A). */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}
