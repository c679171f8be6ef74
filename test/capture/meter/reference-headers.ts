import type {Bytes} from "./reference-bytes.ts";

/** What may stand behind a header: a kind of packet, or the number of an EtherType. */
export type Content = "ip4" | "ip6" | "ethernet" | "ppp" | "mpls" | "wlan" | "swapped wlan" | "malformed" | number;

export interface Within {
  readonly content: Content;
  readonly rest: Bytes;
}

/** IP of an address family; 2 is IPv4 everywhere, of IPv6 each system has its own. */
export function ofFamily(family: number, six: readonly number[], rest: Bytes): Within | "non-ip" {
  if (family === 2) return {content: "ip4", rest};
  return six.includes(family) ? {content: "ip6", rest} : "non-ip";
}

/** The address family at the begin, in either byte order. */
export function familyOf(b: Bytes): number {
  const big = b.u32(0);
  return big <= 0xffff ? big : Buffer.from(b.bytes).readUInt32LE(0);
}

/** BSD's loopback. */
export function loopback(b: Bytes): Within | "non-ip" {
  b.need(4);
  const family = familyOf(b);
  return ofFamily(family <= 0xffff ? family : -1, [10, 23, 24, 28, 30], b.from(4));
}

/** Frame relay with the headers of Cisco or RFC 2427. */
export function frameRelay(b: Bytes): Within | "malformed" | "non-ip" {
  let at = 0;
  do if (at === 4 || at >= b.length) return "malformed";
  while (!(b.u8(at++) & 1));
  if (at < 2) return "malformed";
  const behind = b.from(at);
  behind.need(2);
  if (behind.u8(0) !== 3) return {content: behind.u16(0), rest: behind.from(2)};
  const start = behind.u8(1) === 0 ? 2 : 1;
  const rest = behind.from(start + 1);
  switch (behind.u8(start)) {
    case 0xcc:
      return {content: "ip4", rest};
    case 0x8e:
      return {content: "ip6", rest};
    case 0xcf:
      return {content: "ppp", rest};
    case 0x80: {
      rest.need(5);
      const [vendor, type] = [rest.u16(0) * 256 + rest.u8(2), rest.u16(3)];
      if (vendor === 0) return {content: type, rest: rest.from(5)};
      return vendor === 0x80c2 && (type === 1 || type === 7) ? {content: "ethernet", rest: rest.from(5)} : "non-ip";
    }
  }
  return "non-ip";
}

/** The packet among the fields of Linux's NFLOG. */
export function nflog(b: Bytes): Within | "malformed" | "non-ip" {
  b.need(4);
  for (let at = 4; at + 4 <= b.length; ) {
    const length = b.u8(at) + 256 * b.u8(at + 1);
    if (length < 4) return "malformed";
    if (b.u8(at + 2) + 256 * b.u8(at + 3) === 9)
      return ofFamily(b.u8(0), [10], b.from(at + 4, Math.min(at + length, b.length)));
    at += Math.ceil(length / 4) * 4;
  }
  return "non-ip";
}
