import {type Protocol, transport} from "../protocol.ts";

/** DNP3 by its link header and that header's checksum (IEEE 1815 §9.2). */
export const dnp3: Protocol = {
  name: "dnp3",
  transports: [transport.tcp, transport.udp],
  firstByte: (byte) => byte === 0x05,
  recognise: ({bytes, start, end}) =>
    end - start >= 10 &&
    bytes[start + 1] === 0x64 &&
    bytes[start + 2] >= 5 &&
    checksum(bytes, start, start + 8) === (bytes[start + 8] | (bytes[start + 9] << 8))
};

/** CRC-16/DNP: polynomial 0x3D65, reflected, inverted. */
function checksum(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let at = start; at < end; at++) {
    crc ^= bytes[at];
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa6bc : crc >>> 1;
  }
  return ~crc & 0xffff;
}
