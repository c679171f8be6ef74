import type {MadePacket} from "../made-capture.ts";

/** Edits of made packets (Ethernet, IPv4 without options): the same conversation as other networks and captures show it. */

export type Edit = (packets: readonly MadePacket[]) => MadePacket[];

const ethernetBytes = 14;
const ipv4Bytes = 20;

/** IPv6 address that stands for an IPv4 one; groups go to all nodes. */
export function ipv6Of(ipv4: string): string {
  const last = ipv4.split(".");
  return ipv4 === "255.255.255.255" || ipv4.startsWith("224.")
    ? "ff02::1"
    : `2001:db8::${Number(last[2]) * 256 + Number(last[3])}`;
}

const network = (frame: Buffer) => frame.subarray(ethernetBytes);
const transport = (frame: Buffer) => frame.subarray(ethernetBytes + ipv4Bytes);
const ipv4Text = (frame: Buffer, at: number) => frame.subarray(at, at + 4).join(".");
export const isTcp = (frame: Buffer) => frame[23] === 6;
const dataOffset = (frame: Buffer) => ethernetBytes + ipv4Bytes + (isTcp(frame) ? (frame[46] >> 4) * 4 : 8);
export const payloadOf = (frame: Buffer) => frame.subarray(dataOffset(frame));
export const flagsOf = (frame: Buffer) => (isTcp(frame) ? frame[47] : 0);

const each =
  (edit: (frame: Buffer) => Buffer): Edit =>
  (packets) =>
    packets.map((packet) => ({...packet, frame: edit(packet.frame)}));

function behind(head: readonly number[], content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(head), content]);
}

const macs = [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2];

function ipv6Packet(frame: Buffer, extensions: readonly number[] = []): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(extensions.length + transport(frame).length, 4);
  header[6] = extensions.length > 0 ? 0 : frame[23];
  header[7] = 64;
  for (const [from, to] of [
    [26, 8],
    [30, 24]
  ]) {
    const text = ipv4Text(frame, from);
    if (ipv6Of(text) === "ff02::1") header.set([0xff, 2, ...Array(13).fill(0), 1], to);
    else header.set([0x20, 1, 0x0d, 0xb8, ...Array(10).fill(0), frame[from + 2], frame[from + 3]], to);
  }
  return Buffer.concat([header, Buffer.from(extensions), transport(frame)]);
}

export const toIpv6 = each((frame) => behind([...macs, 0x86, 0xdd], ipv6Packet(frame)));

/** With a hop-by-hop header of padding before the transport. */
export const toIpv6WithOptions = each((frame) =>
  behind([...macs, 0x86, 0xdd], ipv6Packet(frame, [frame[23], 0, 1, 4, 0, 0, 0, 0]))
);

export const inVlan = each((frame) => behind([...macs, 0x81, 0, 0, 7, 8, 0], network(frame)));
export const inTwoVlans = each((frame) => behind([...macs, 0x88, 0xa8, 0, 7, 0x81, 0, 0, 8, 8, 0], network(frame)));

/** Ethernet fills short frames up to 60 bytes. */
export const padded = each((frame) => Buffer.concat([frame, Buffer.alloc(Math.max(0, 60 - frame.length), 0x61)]));

/** With 12 bytes of options in the IPv4 header. */
export const withIpOptions = each((frame) => {
  const options = [148, 4, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0];
  const header = Buffer.from(frame.subarray(ethernetBytes, ethernetBytes + ipv4Bytes));
  header[0] = 0x48;
  header.writeUInt16BE(header.readUInt16BE(2) + options.length, 2);
  return Buffer.concat([frame.subarray(0, ethernetBytes), header, Buffer.from(options), transport(frame)]);
});

/** With a time stamp in the TCP header, as nearly all systems send it. */
export const withTcpOptions = each((frame) => {
  if (!isTcp(frame)) return frame;
  const options = [1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 7];
  const head = Buffer.from(frame.subarray(0, dataOffset(frame)));
  head.writeUInt16BE(head.readUInt16BE(16) + options.length, 16);
  head[46] += (options.length / 4) << 4;
  return Buffer.concat([head, Buffer.from(options), payloadOf(frame)]);
});

/** In a GRE tunnel between other hosts. */
export const inGre = each((frame) => inIpv4(47, behind([0, 0, 8, 0], network(frame))));
/** In VXLAN with the bit and the group of its policy extension. */
export const inVxlan = each((frame) => inIpv4(17, inUdp(4789, behind([0x88, 0, 0, 9, 0, 0, 42, 0], frame))));
/** In IPv6 in GENEVE with an option. */
export const inGeneve = each((frame) =>
  inIpv4(17, inUdp(6081, behind([1, 0, 0x65, 0x58, 0, 0, 42, 0, 1, 2, 0x80, 0], frame)))
);

export function inIpv4(proto: number, content: Uint8Array): Buffer {
  const head = [...macs, 8, 0, 0x45, 0, (20 + content.length) >> 8, (20 + content.length) & 255, 0, 0, 0, 0, 64, proto];
  return behind([...head, 0, 0, 192, 168, 0, 1, 192, 168, 0, 2], content);
}

export function inUdp(port: number, content: Uint8Array): Buffer {
  const length = 8 + content.length;
  return behind([0xc0, 1, port >> 8, port & 255, length >> 8, length & 255, 0, 0], content);
}

/** The two hosts have one another's address: which one is the lower says nothing. */
export function exchanged(one: string, other: string): Edit {
  const bytes = (text: string) => Buffer.from(text.split(".").map(Number));
  return each((frame) => {
    const edited = Buffer.from(frame);
    for (const at of [26, 30]) {
      const text = ipv4Text(frame, at);
      if (text === one) edited.set(bytes(other), at);
      else if (text === other) edited.set(bytes(one), at);
    }
    return edited;
  });
}

/** Sequence numbers of both sides pass 2^32 on the way. */
export const wrapped: Edit = (packets) => {
  const shift = new Map<string, number>();
  for (const {frame} of packets) {
    if (!isTcp(frame)) continue;
    const side = `${ipv4Text(frame, 26)}|${frame.readUInt16BE(34)}`;
    if (!shift.has(side)) shift.set(side, 0xffff_fffd - frame.readUInt32BE(38));
  }
  return packets.map((packet) => {
    const frame = Buffer.from(packet.frame);
    if (!isTcp(frame)) return packet;
    for (const [at, host, port] of [
      [38, 26, 34],
      [42, 30, 36]
    ]) {
      if (at === 42 && (flagsOf(frame) & 16) === 0) continue;
      const by = shift.get(`${ipv4Text(frame, host)}|${frame.readUInt16BE(port)}`) ?? 0;
      frame.writeUInt32BE((frame.readUInt32BE(at) + by) >>> 0, at);
    }
    return {...packet, frame};
  });
};

/** The data of each segment in pieces of so many bytes; a FIN goes with the last. */
export function inPieces(bytes: number): Edit {
  return (packets) =>
    packets.flatMap((packet) => {
      const data = payloadOf(packet.frame);
      if (!isTcp(packet.frame) || data.length <= bytes) return [packet];
      const pieces: MadePacket[] = [];
      for (let at = 0; at < data.length; at += bytes) {
        const content = data.subarray(at, at + bytes);
        const head = Buffer.from(packet.frame.subarray(0, dataOffset(packet.frame)));
        head.writeUInt16BE(head.length - ethernetBytes + content.length, 16);
        head.writeUInt32BE((head.readUInt32BE(38) + at) >>> 0, 38);
        if (at + bytes < data.length) head[47] &= ~1;
        pieces.push({us: packet.us + pieces.length, frame: Buffer.concat([head, content])});
      }
      return pieces;
    });
}

/** Pieces of each message in reversed order, as several paths bring them. */
export function inPiecesReversed(bytes: number): Edit {
  return (packets) =>
    packets.flatMap((packet) => {
      const pieces = inPieces(bytes)([packet]);
      return pieces.map(({us}, i) => ({us, frame: pieces[pieces.length - 1 - i].frame}));
    });
}

/** Two pieces of so many bytes each come in exchanged order. */
export function inPiecesExchanged(bytes: number): Edit {
  return (packets) =>
    packets.flatMap((packet) => {
      const pieces = inPieces(bytes)([packet]);
      const frames = pieces.map(({frame}) => frame);
      return pieces.map(({us}, i) => ({us, frame: frames[i ^ 1] ?? frames[i]}));
    });
}

/** Every second packet is stored before the one that it follows, with its true time. */
export const storedInPairs: Edit = (packets) =>
  packets.map((packet, i) => packets[i % 2 === 0 ? i + 1 : i - 1] ?? packet);

/** No segment with a SYN, and no ACK without data before the first data. */
export const midStream: Edit = (packets) => {
  const first = packets.findIndex(({frame}) => payloadOf(frame).length > 0);
  return packets.slice(Math.max(0, first));
};

/** Each packet is stored up to so many bytes. */
export function cutAt(bytes: number): Edit {
  return (packets) =>
    packets.map(({us, frame}) => ({us, frame: frame.subarray(0, bytes), wire: Math.max(frame.length, 0)}));
}

/** Each packet twice, a few microseconds apart. */
export const doubled: Edit = (packets) => packets.flatMap((packet) => [packet, {...packet, us: packet.us + 4}]);

/** All packets at times of another year. */
export function at(us: number): Edit {
  return (packets) => packets.map((packet) => ({...packet, us: packet.us - packets[0].us + us}));
}

/** On another link: Linux cooked (1 and 2), raw IP, PPP, BSD loopback. */
export const links: readonly (readonly [string, number, readonly number[]])[] = [
  ["raw IP", 101, []],
  ["Linux cooked", 113, [0, 0, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 8, 0]],
  ["Linux cooked 2", 276, [8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0]],
  ["PPP", 9, [0xff, 3, 0, 0x21]],
  ["BSD loopback", 0, [2, 0, 0, 0]]
];

export const onLink = (head: readonly number[]) => each((frame) => behind(head, network(frame)));
