import {lineEnd} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** Redis by a command as an array of bulk strings (RESP). */
export const redis: Protocol = {
  name: "redis",
  transports: [transport.tcp],
  firstByte: (byte) => byte === 0x2a,
  recognise({bytes, start, end}) {
    const line = lineEnd(bytes, start, Math.min(end, start + 12));
    if (line < start + 3 || bytes[line - 1] !== 13 || bytes[line + 1] !== 0x24) return false;
    for (let at = start + 1; at < line - 1; at++) if (bytes[at] < 0x30 || bytes[at] > 0x39) return false;
    return true;
  }
};
