import {isText, lineEnd} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** RTSP by its request or status line (RFC 7826 §6). */
export const rtsp: Protocol = {
  name: "rtsp",
  transports: [transport.tcp],
  firstByte: (byte) => byte >= 0x41 && byte <= 0x5a,
  recognise({bytes, start, end}) {
    if (isText(bytes, start, end, "RTSP/1.0 ")) return true;
    const line = lineEnd(bytes, start, end);
    return line > start + 14 && isText(bytes, line - 10, line, " RTSP/1.0\r");
  }
};
