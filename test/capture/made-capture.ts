/** A packet of a made capture: its time in µs since 1970, its frame, and its length where not all of it was stored. */
export interface MadePacket {
  readonly us: number;
  readonly frame: Buffer;
  readonly wire?: number;
}

/** A pcap file (µs, little-endian, Ethernet) of these packets. */
export function pcap(packets: readonly MadePacket[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20);
  const records = packets.flatMap(({us, frame, wire}) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(Math.floor(us / 1e6), 0);
    record.writeUInt32LE(us % 1e6, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(wire ?? frame.length, 12);
    return [record, frame];
  });
  return Buffer.concat([header, ...records]);
}

/** An Ethernet frame with IPv4, UDP and this payload; checksums are 0 (not computed). */
export function ethernetUdp(
  source: string,
  sourcePort: number,
  target: string,
  targetPort: number,
  payload: Buffer
): Buffer {
  const frame = Buffer.alloc(42 + payload.length);
  frame.writeUInt16BE(0x0800, 12);
  frame[14] = 0x45;
  frame.writeUInt16BE(28 + payload.length, 16);
  frame[22] = 64;
  frame[23] = 17;
  for (const [at, address] of [[26, source] as const, [30, target] as const])
    frame.set(address.split(".").map(Number), at);
  frame.writeUInt16BE(sourcePort, 34);
  frame.writeUInt16BE(targetPort, 36);
  frame.writeUInt16BE(8 + payload.length, 38);
  payload.copy(frame, 42);
  return frame;
}
