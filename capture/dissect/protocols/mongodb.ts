import {type Protocol, transport} from "../protocol.ts";

/** MongoDB by its message header: a length and one of the operations in use (MongoDB Wire Protocol, Standard Message Header). */
export const mongodb: Protocol = {
  name: "mongodb",
  transports: [transport.tcp],
  recognise({bytes, start, end, cut}) {
    const present = end - start;
    if (present < 21 || bytes[start + 13] > 7 || bytes[start + 14] !== 0 || bytes[start + 15] !== 0) return false;
    const length = little(bytes, start);
    const operation = bytes[start + 12] | (bytes[start + 13] << 8);
    // A request in one segment, or the beginning of one in several.
    return (
      operations.has(operation) &&
      (length === present + cut || (length > present && length <= 48_000_000 && present >= 536))
    );
  }
};

/** OP_REPLY, OP_QUERY, OP_COMPRESSED, OP_MSG. */
const operations = new Set([1, 2004, 2012, 2013]);

const little = (bytes: Uint8Array, at: number) =>
  (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
