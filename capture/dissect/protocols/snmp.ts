import {berContent} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** SNMP by its BER structure: version, then a community and a PDU, or the header data of version 3 (RFC 3416, RFC 3412). */
export const snmp: Protocol = {
  name: "snmp",
  transports: [transport.udp],
  firstByte: (byte) => byte === 0x30,
  recognise({bytes, start, end}) {
    const body = berContent(bytes, start, end);
    if (body < 0 || body + 5 > end || bytes[body] !== 2 || bytes[body + 1] !== 1) return false;
    const version = bytes[body + 2];
    const next = body + 3;
    if (version === 3) return bytes[next] === 0x30;
    if (version > 1 || bytes[next] !== 4) return false;
    const pdu = berContent(bytes, next, end) + (bytes[next + 1] < 0x80 ? bytes[next + 1] : 0);
    return pdu > next && pdu < end && bytes[pdu] >= 0xa0 && bytes[pdu] <= 0xa8;
  }
};
