import {isText} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** VNC by the version that both sides begin with: `RFB 003.008` (RFC 6143 §7.1.1). */
export const vnc: Protocol = {
  name: "vnc",
  transports: [transport.tcp],
  firstByte: (byte) => byte === 0x52,
  recognise: ({bytes, start, end}) =>
    end - start >= 12 && isText(bytes, start, end, "RFB 00") && bytes[start + 7] === 0x2e && bytes[start + 11] === 10
};
