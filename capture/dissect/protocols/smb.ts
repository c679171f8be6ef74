import {isText} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** SMB by its signature behind the session header, version 1 to 3 ([MS-SMB2] §2.2.1). */
export const smb: Protocol = {
  name: "smb",
  transports: [transport.tcp],
  firstByte: (byte) => byte === 0,
  recognise({bytes, start, end}) {
    const signature = bytes[start + 4];
    return signature >= 0xfc && isText(bytes, start + 5, end, "SMB");
  }
};
