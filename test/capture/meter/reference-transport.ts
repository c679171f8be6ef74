import type {Bytes} from "./reference-bytes.ts";
import type {IpPacket} from "./reference-packet.ts";

/** What is known of a payload that is not looked into. */
export function opaque(proto: number, b: Bytes, length: number) {
  const none = {srcPort: 0, dstPort: 0, oneWay: false, tcp: null};
  return {proto, payloadBytes: length, payload: b.bytes, ...none};
}

const headers: Record<number, number> = {1: 8, 58: 8, 132: 12, 136: 8};

/** Ports, flags and payload of a first or only fragment. */
export function withPorts(packet: IpPacket, b: Bytes, length: number): IpPacket {
  const {proto} = packet;
  const ports = b.length >= 4 ? {srcPort: b.u16(0), dstPort: b.u16(2)} : {};
  const without = (header: number, of = length) => {
    const payloadBytes = Math.max(of - header, 0);
    return {payloadBytes, payload: b.from(header).bytes.subarray(0, payloadBytes)};
  };
  if (proto === 6) {
    const header = b.length > 12 ? (b.u8(12) >> 4) * 4 : 20;
    const sound = b.length >= 20 && header >= 20 && header <= length;
    const tcp = sound ? {flags: b.u8(13), seq: b.u32(4), ack: b.u32(8), window: b.u16(14)} : null;
    return {...packet, ...ports, ...without(header), tcp};
  }
  if (proto === 17) {
    const own = b.length >= 6 ? b.u16(4) : 0;
    return {...packet, ...ports, ...without(8, own >= 8 && own < length ? own : length)};
  }
  if (proto === 1 || proto === 58) {
    if (b.length < 2) return {...packet, ...without(8)};
    const other = counterparts[proto][b.u8(0)];
    const types = {srcPort: b.u8(0), dstPort: other ?? b.u8(1), oneWay: other === undefined};
    return {...packet, ...types, ...without(8)};
  }
  if (proto === 33) return {...packet, ...ports};
  return headers[proto] ? {...packet, ...ports, ...without(headers[proto])} : packet;
}

const counterparts: Record<number, Record<number, number>> = {
  1: {0: 8, 8: 0, 9: 10, 10: 9, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17},
  58: {
    128: 129,
    129: 128,
    130: 131,
    131: 130,
    133: 134,
    134: 133,
    135: 136,
    136: 135,
    139: 140,
    140: 139,
    144: 145,
    145: 144
  }
};
