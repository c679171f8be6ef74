import type {IpPacket} from "./reference-packet.ts";

/** Who speaks, by the first words of connections whose handshake was not seen. */

const requests = /^(GET |POST|HEAD|PUT |OPTI|DELE|PATC|CONN|TRAC|PROP|PRI |DESC|INVI|REGI)/;
const responses = /^(HTTP\/|RTSP\/|SIP\/|\+OK |-ERR|\* OK)/;
const replies = /^([1-5][0-5]\d[ -]|:|\* )/;
const commands = /^(EHLO|HELO|MAIL|RCPT|USER|PASS|RETR|STOR|AUTH|NICK|JOIN)/;
const tagged = /^[A-Za-z0-9.]{1,12} (OK |NO |BAD)/;

export function speakerOf({proto, tcp, payload}: IpPacket): "originator" | "responder" | null {
  if (proto !== 6 || !tcp || (tcp.flags & 2) !== 0 || payload.length < 8) return null;
  const text = Buffer.from(payload).toString("latin1");
  if (requests.test(text)) return "originator";
  if (responses.test(text)) return "responder";
  if (text.endsWith("\r\n")) {
    if (replies.test(text)) return "responder";
    // Upper and lower case, and the bytes that differ from letters by the same bit.
    const upper = [...text.slice(0, 4)].map((c) => String.fromCharCode(c.charCodeAt(0) & 0xdf)).join("");
    return commands.test(upper) ? "originator" : tagged.test(text.slice(0, 16)) ? "responder" : null;
  }
  return byMessage(payload, text);
}

function byMessage(bytes: Uint8Array, text: string): "originator" | "responder" | null {
  if (text.startsWith("\x16\x03")) {
    if (bytes[5] === 1 || bytes[5] === 16) return "originator";
    return bytes[5] === 2 || (bytes[5] >= 12 && bytes[5] <= 14) ? "responder" : null;
  }
  if (bytes[0] === 0 && bytes.length >= 24) {
    if (text.startsWith("\xffSMB", 4)) return bytes[13] & 0x80 ? "responder" : "originator";
    if (text.startsWith("\xfeSMB", 4)) return bytes[20] & 1 ? "responder" : "originator";
  }
  if (text.startsWith("\x05\0") && bytes.length >= 16 && bytes[4] === 0x10) {
    if ([0, 11, 14, 16].includes(bytes[2])) return "originator";
    if ([2, 3, 12, 13, 15].includes(bytes[2])) return "responder";
  }
  if (text.startsWith("\x03\0")) {
    if (bytes[5] === 0xe0) return "originator";
    if (bytes[5] === 0xd0) return "responder";
  }
  const length = bytes[0] + bytes[1] * 256 + bytes[2] * 65_536;
  return bytes[3] === 0 && length <= 1024 && /^\n\d\./.test(text.slice(4)) ? "responder" : null;
}
