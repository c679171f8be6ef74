import {uint32} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** PostgreSQL by its startup, TLS or cancel request (PostgreSQL documentation, Message Formats); TLS may follow. */
export const postgresql: Protocol = {
  name: "postgresql",
  transports: [transport.tcp],
  mayTurnTls: true,
  firstByte: (byte) => byte === 0,
  recognise({bytes, start, end}) {
    const length = uint32(bytes, start);
    if (length !== end - start || length < 8) return false;
    const code = uint32(bytes, start + 4);
    if (length === 8) return code === 80877103 || code === 80877104;
    return (code === 80877102 && length === 16) || (code === 0x30000 && length >= 13 && bytes[end - 1] === 0);
  }
};
