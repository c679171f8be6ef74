import {uint16} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** Microsoft SQL Server by the PRELOGIN that a TDS client begins with ([MS-TDS] §2.2.6.5). */
export const mssql: Protocol = {
  name: "mssql",
  transports: [transport.tcp],
  firstByte: (byte) => byte === 0x12,
  recognise({bytes, start, end}) {
    const length = end - start;
    if (length < 14 || bytes[start + 1] > 1 || uint16(bytes, start + 2) !== length || bytes[start + 7] !== 0)
      return false;
    // The first option is the version: token 0, behind the list of options, six bytes long.
    return bytes[start + 8] === 0 && uint16(bytes, start + 11) === 6 && 8 + uint16(bytes, start + 9) + 6 <= length;
  }
};
