/** Where a frame's parts are; offsets in bytes, 0 where it has none. */
export interface Parts {
  /** 4 or 6; 0 for what is neither. */
  readonly version: 0 | 4 | 6;
  readonly arp: boolean;
  readonly proto: number;
  /** IPv4 addresses as numbers; 0 without. */
  readonly src: number;
  readonly dst: number;
  /** Where TCP, UDP or ICMP begins; 0 in later fragments and where the capture ends before. */
  readonly layer4: number;
  /** Ports; type and code of ICMP in their place, as flows have them. */
  readonly srcPort: number;
  readonly dstPort: number;
}

const none: Parts = {version: 0, arp: false, proto: 0, src: 0, dst: 0, layer4: 0, srcPort: 0, dstPort: 0};

export function parts(frame: Buffer): Parts {
  if (frame.length < 34) return none;
  const type = frame.readUInt16BE(12);
  if (type === 0x0806 && frame.length >= 42)
    return {...none, arp: true, src: frame.readUInt32BE(28), dst: frame.readUInt32BE(38)};
  if (type === 0x86dd) return {...none, version: 6, proto: frame[20]};
  if (type !== 0x0800) return none;
  const proto = frame[23];
  const later = (frame.readUInt16BE(20) & 0x1fff) !== 0;
  const start = 14 + (frame[14] & 15) * 4;
  const hasPorts = !later && (proto === 6 || proto === 17) && frame.length >= start + 4;
  const isIcmp = !later && proto === 1 && frame.length >= start + 2;
  return {
    version: 4,
    arp: false,
    proto,
    src: frame.readUInt32BE(26),
    dst: frame.readUInt32BE(30),
    layer4: hasPorts || isIcmp ? start : 0,
    srcPort: hasPorts ? frame.readUInt16BE(start) : isIcmp ? frame[start] : 0,
    dstPort: hasPorts ? frame.readUInt16BE(start + 2) : isIcmp ? frame[start + 1] : 0
  };
}

/** True for one host's address: neither multicast nor broadcast (a subnet's last address included) nor 0.0.0.0. */
export function isHost(address: number): boolean {
  return address >>> 28 < 14 && address !== 0 && (address & 255) !== 255;
}

export function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

export function toNumber(text: string): number {
  return text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** An address and a port as they shall be. */
export type Translate = (proto: number, address: number, port: number) => {address: number; port: number};

/**
 * Writes other addresses and ports into an IPv4 or ARP frame, in the packet that an ICMP error quotes too, and mends the
 * checksums of IPv4, TCP and UDP by the difference (RFC 1624). Hardware addresses made of an IPv4 address follow it.
 */
export function translate(frame: Buffer, found: Parts, to: Translate): void {
  for (const at of [0, 6]) {
    if (frame[at] !== 2 || frame[at + 1] !== 0x42) continue;
    frame.writeUInt32BE(to(0, frame.readUInt32BE(at + 2), 0).address, at + 2);
  }
  if (found.arp) {
    for (const at of [28, 38]) frame.writeUInt32BE(to(0, frame.readUInt32BE(at), 0).address, at);
    for (const at of [22, 32])
      if (frame[at] === 2 && frame[at + 1] === 0x42)
        frame.writeUInt32BE(to(0, frame.readUInt32BE(at + 2), 0).address, at + 2);
  } else if (found.version === 4) translatePacket(frame, 14, to);
}

function translatePacket(frame: Buffer, start: number, to: Translate): void {
  const proto = frame[start + 9];
  const inner = start + (frame[start] & 15) * 4;
  const later = (frame.readUInt16BE(start + 6) & 0x1fff) !== 0;
  const hasPorts = !later && (proto === 6 || proto === 17) && frame.length >= inner + 4;
  const ends = [start + 12, start + 16].map((at, i) => {
    const portAt = inner + 2 * i;
    const port = hasPorts ? frame.readUInt16BE(portAt) : 0;
    return {at, portAt, old: frame.readUInt32BE(at), port, now: to(proto, frame.readUInt32BE(at), port)};
  });
  let [inHeader, inPorts] = [0, 0];
  for (const {at, portAt, old, port, now} of ends) {
    inHeader += difference(old >>> 16, now.address >>> 16) + difference(old & 0xffff, now.address & 0xffff);
    frame.writeUInt32BE(now.address, at);
    if (!hasPorts) continue;
    inPorts += difference(port, now.port);
    frame.writeUInt16BE(now.port, portAt);
  }
  mend(frame, start + 10, inHeader);
  if (hasPorts && proto === 6) mend(frame, inner + 16, inHeader + inPorts);
  // A UDP checksum of 0 means that there is none.
  if (hasPorts && proto === 17 && frame.length >= inner + 8 && frame.readUInt16BE(inner + 6) !== 0)
    mend(frame, inner + 6, inHeader + inPorts);
  const isError = proto === 1 && !later && frame.length >= inner + 28 && [3, 5, 11, 12].includes(frame[inner]);
  if (isError && frame[inner + 8] >> 4 === 4) {
    const quoted = frame.subarray(inner + 8);
    const before = Buffer.from(quoted);
    translatePacket(frame, inner + 8, to);
    let inQuoted = 0;
    for (let at = 0; at + 1 < quoted.length; at += 2)
      inQuoted += difference(before.readUInt16BE(at), quoted.readUInt16BE(at));
    mend(frame, inner + 2, inQuoted);
  }
}

function difference(before: number, after: number): number {
  return (~before & 0xffff) + after;
}

function mend(frame: Buffer, at: number, change: number): void {
  if (frame.length < at + 2) return;
  let sum = (~frame.readUInt16BE(at) & 0xffff) + change;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  frame.writeUInt16BE(~sum & 0xffff, at);
}
