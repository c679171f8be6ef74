/** Frames made by tests: Ethernet, IP and transport headers around a payload. Checksums are left 0. */

export interface FrameOptions {
  readonly src?: string;
  readonly dst?: string;
  readonly srcPort?: number;
  readonly dstPort?: number;
  readonly payload?: string | Uint8Array;
  readonly vlans?: readonly number[];
  /** IPv4 identification and the word of flags and offset. */
  readonly id?: number;
  readonly fragment?: number;
}

export interface SegmentOptions extends FrameOptions {
  /** Letters of S A F R P U. */
  readonly flags?: string;
  readonly seq?: number;
  readonly ack?: number;
  readonly window?: number;
}

const bits: Record<string, number> = {F: 1, S: 2, R: 4, P: 8, A: 16, U: 32, E: 64, C: 128};

/** Ethernet frame with a TCP segment. */
export function tcp(options: SegmentOptions): Uint8Array {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(options.srcPort ?? 40000, 0);
  header.writeUInt16BE(options.dstPort ?? 40001, 2);
  header.writeUInt32BE((options.seq ?? 0) >>> 0, 4);
  header.writeUInt32BE((options.ack ?? 0) >>> 0, 8);
  header[12] = 5 << 4;
  header[13] = [...(options.flags ?? "A")].reduce((sum, letter) => sum | bits[letter], 0);
  header.writeUInt16BE(options.window ?? 8192, 14);
  return ethernet(6, Buffer.concat([header, bytesOf(options.payload)]), options);
}

/** Ethernet frame with a UDP datagram. */
export function udp(options: FrameOptions): Uint8Array {
  const payload = bytesOf(options.payload);
  const header = Buffer.alloc(8);
  header.writeUInt16BE(options.srcPort ?? 40000, 0);
  header.writeUInt16BE(options.dstPort ?? 40001, 2);
  header.writeUInt16BE(8 + payload.length, 4);
  return ethernet(17, Buffer.concat([header, payload]), options);
}

/** Ethernet frame with an SCTP packet; the payload is its chunks. */
export function sctp(options: FrameOptions): Uint8Array {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(options.srcPort ?? 40000, 0);
  header.writeUInt16BE(options.dstPort ?? 40001, 2);
  return ethernet(132, Buffer.concat([header, bytesOf(options.payload)]), options);
}

/** Ethernet frame with an ICMP (or ICMPv6) message of type and code. */
export function icmp(type: number, code: number, options: FrameOptions = {}): Uint8Array {
  const header = Buffer.from([type, code, 0, 0, 0, 1, 0, 1]);
  const isIpv6 = (options.src ?? "").includes(":");
  return ethernet(isIpv6 ? 58 : 1, Buffer.concat([header, bytesOf(options.payload)]), options);
}

/** Ethernet frame with an IP packet of that protocol. */
export function ethernet(proto: number, transport: Uint8Array, options: FrameOptions = {}): Uint8Array {
  const packet = ip(proto, transport, options);
  const isIpv6 = packet[0] >> 4 === 6;
  const tags = (options.vlans ?? []).flatMap((id) => [0x81, 0, id >> 8, id & 255]);
  return Buffer.concat([Buffer.alloc(12, 2), Buffer.from(tags), Buffer.from(isIpv6 ? [0x86, 0xdd] : [8, 0]), packet]);
}

/** IPv4 or IPv6 packet, by how its addresses are written (IPv6 in full groups or with `::`). */
export function ip(
  proto: number,
  transport: Uint8Array,
  {src = "10.0.0.1", dst = "10.0.0.2", id = 0, fragment = 0}: FrameOptions
): Uint8Array {
  if (src.includes(":")) {
    const header = Buffer.alloc(40);
    header[0] = 0x60;
    header.writeUInt16BE(transport.length, 4);
    header[6] = proto;
    header[7] = 64;
    header.set(ipv6Bytes(src), 8);
    header.set(ipv6Bytes(dst), 24);
    return Buffer.concat([header, transport]);
  }
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + transport.length, 2);
  header.writeUInt16BE(id, 4);
  header.writeUInt16BE(fragment, 6);
  header[8] = 64;
  header[9] = proto;
  header.set(src.split(".").map(Number), 12);
  header.set(dst.split(".").map(Number), 16);
  return Buffer.concat([header, transport]);
}

function ipv6Bytes(text: string): number[] {
  const [head, tail] = text.split("::").map((half) => (half ? half.split(":") : []));
  const groups = tail ? [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail] : head;
  return groups.map((group) => Number.parseInt(group, 16)).flatMap((group) => [group >> 8, group & 255]);
}

function bytesOf(payload: string | Uint8Array = ""): Uint8Array {
  return typeof payload === "string" ? Buffer.from(payload, "latin1") : payload;
}
