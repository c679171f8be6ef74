export interface Endpoint {
  readonly ip: string;
  readonly port: number;
}

export interface Segment {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly sequence: number;
  readonly acknowledged: number;
  /** Letters of the flags that are set: F S R P A U. */
  readonly flags: string;
  readonly window: number;
  /** Bytes of payload. */
  readonly payload: number;
}

/** Ethernet, IPv4 and a TCP segment (RFC 9293 §3.1), with the option of its largest size where it is a SYN. */
export function tcpSegment({from, to, sequence, acknowledged, flags, window, payload}: Segment): Buffer {
  const header = flags.includes("S") ? 24 : 20;
  const segment = Buffer.alloc(header + payload, "x");
  segment.fill(0, 0, header);
  segment.writeUInt16BE(from.port, 0);
  segment.writeUInt16BE(to.port, 2);
  segment.writeUInt32BE(sequence, 4);
  segment.writeUInt32BE(flags.includes("A") ? acknowledged : 0, 8);
  segment[12] = (header / 4) << 4;
  segment[13] = [..."FSRPAU"].reduce((bits, flag, i) => bits | (flags.includes(flag) ? 1 << i : 0), 0);
  segment.writeUInt16BE(window, 14);
  if (header === 24) segment.set([2, 4, 5, 0xb4], 20);
  return ipv4(from.ip, to.ip, 6, segment);
}

/** Ethernet, IPv4, UDP and a payload of zeros. */
export function udpDatagram(from: Endpoint, to: Endpoint, payload: number): Buffer {
  return ipv4(from.ip, to.ip, 17, udp(from.port, to.port, payload));
}

/** Ethernet, IPv6 (RFC 8200), UDP and a payload of zeros; of the addresses `2001:db8::n`. */
export function udp6Datagram(from: Endpoint, to: Endpoint, payload: number): Buffer {
  const datagram = udp(from.port, to.port, payload);
  const frame = Buffer.alloc(54);
  frame.writeUInt16BE(0x86dd, 12);
  frame[14] = 0x60;
  frame.writeUInt16BE(datagram.length, 18);
  frame[20] = 17;
  frame[21] = 64;
  for (const [at, {ip}] of [[22, from] as const, [38, to] as const]) {
    frame.set([0x20, 0x01, 0x0d, 0xb8], at);
    frame[at + 15] = Number(ip.split("::")[1]);
  }
  return Buffer.concat([frame, datagram]);
}

/** Ethernet, IPv4 and an ICMP echo message (RFC 792) with that many bytes of data. */
export function icmpEcho(from: string, to: string, kind: "request" | "reply", data: number): Buffer {
  const message = Buffer.alloc(8 + data);
  message[0] = kind === "request" ? 8 : 0;
  message.writeUInt16BE(77, 4);
  return ipv4(from, to, 1, message);
}

function udp(source: number, target: number, payload: number): Buffer {
  const datagram = Buffer.alloc(8 + payload);
  datagram.writeUInt16BE(source, 0);
  datagram.writeUInt16BE(target, 2);
  datagram.writeUInt16BE(8 + payload, 4);
  return datagram;
}

function ipv4(from: string, to: string, protocol: number, payload: Buffer): Buffer {
  const frame = Buffer.alloc(34);
  frame.writeUInt16BE(0x0800, 12);
  frame[14] = 0x45;
  frame.writeUInt16BE(20 + payload.length, 16);
  frame[22] = 64;
  frame[23] = protocol;
  frame.set(from.split(".").map(Number), 26);
  frame.set(to.split(".").map(Number), 30);
  return Buffer.concat([frame, payload]);
}
