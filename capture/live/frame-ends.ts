/** Longest chain of IPv6 extension headers that is followed. */
const mostExtensions = 8;

const ethernet = 1;
const etherTypes = {ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd, qinq: 0x88a8} as const;

/** Where the payload's EtherType stands and where the payload begins, for link types with such a field. */
const typed: Readonly<Record<number, readonly [type: number, payload: number]>> = {
  [ethernet]: [12, 14],
  113: [14, 16],
  276: [0, 20]
};
/** Bytes before an IP header whose version tells what follows: NULL and LOOP have an address family, RAW nothing. */
const bare: Readonly<Record<number, number>> = {0: 4, 108: 4, 12: 0, 14: 0, 101: 0, 228: 0, 229: 0};

/**
 * Reads the two ends of a frame, for figures that are shown while a capture runs: the outermost IP header and its ports.
 * What is kept in the lake is the meter's, which looks further (tunnels, fragments). Fields are valid until the next
 * `read`; lengths are believed only as far as bytes were captured.
 */
export class FrameEnds {
  /** 4 or 6; 0 where there is no whole IP header. */
  version: 0 | 4 | 6 = 0;
  isArp = false;
  /** IANA number of the transport protocol. */
  proto = 0;
  /** Places of the addresses in the bytes given. */
  srcAt = 0;
  dstAt = 0;
  /** 0 where the protocol has none, or they were not captured. */
  srcPort = 0;
  dstPort = 0;

  /** Reads the frame of that LINKTYPE in `bytes[at .. at + captured)`. */
  read(bytes: Uint8Array, at: number, captured: number, link: number): void {
    this.version = 0;
    this.isArp = false;
    this.proto = 0;
    this.srcPort = 0;
    this.dstPort = 0;
    const end = at + captured;
    const header = bareHeader(link);
    if (header >= 0) {
      this.#ip(bytes, at + header, end);
      return;
    }
    const places = typed[link];
    if (!places) return;
    let payload = at + places[1];
    if (payload > end) return;
    let type = (bytes[at + places[0]] << 8) | bytes[at + places[0] + 1];
    while ((type === etherTypes.vlan || type === etherTypes.qinq) && payload + 4 <= end) {
      type = (bytes[payload + 2] << 8) | bytes[payload + 3];
      payload += 4;
    }
    if (type === etherTypes.arp) this.isArp = true;
    else if (type === etherTypes.ipv4 || type === etherTypes.ipv6) this.#ip(bytes, payload, end);
  }

  #ip(bytes: Uint8Array, at: number, end: number): void {
    const version = bytes[at] >> 4;
    if (version === 4 && at + 20 <= end) {
      this.version = 4;
      this.proto = bytes[at + 9];
      this.srcAt = at + 12;
      this.dstAt = at + 16;
      const isFirst = (((bytes[at + 6] & 0x1f) << 8) | bytes[at + 7]) === 0;
      if (isFirst) this.#ports(bytes, at + (bytes[at] & 0x0f) * 4, end);
    } else if (version === 6 && at + 40 <= end) {
      this.version = 6;
      this.srcAt = at + 8;
      this.dstAt = at + 24;
      let next = bytes[at + 6];
      let from = at + 40;
      for (let n = 0; n < mostExtensions && isExtension(next) && from + 8 <= end; n++) {
        const isLaterFragment = next === 44 && ((bytes[from + 2] << 8) | bytes[from + 3]) >> 3 !== 0;
        const length = next === 44 ? 8 : (bytes[from + 1] + 1) * 8;
        next = bytes[from];
        from += length;
        if (isLaterFragment) {
          this.proto = next;
          return;
        }
      }
      this.proto = next;
      this.#ports(bytes, from, end);
    }
  }

  #ports(bytes: Uint8Array, at: number, end: number): void {
    const {proto} = this;
    if ((proto !== 6 && proto !== 17 && proto !== 132) || at + 4 > end) return;
    this.srcPort = (bytes[at] << 8) | bytes[at + 1];
    this.dstPort = (bytes[at + 2] << 8) | bytes[at + 3];
  }
}

/** Hop-by-hop, routing, fragment, destination options (RFC 8200 §4). */
function isExtension(next: number): boolean {
  return next === 0 || next === 43 || next === 44 || next === 60;
}

function bareHeader(link: number): number {
  return link === ethernet ? -1 : (bare[link] ?? -1);
}
