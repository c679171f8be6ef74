import {uint16} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";
import {SmbParser} from "./smb.ts";

/** NetBIOS name service, datagrams and session requests (RFC 1002 §4); in a session SMB follows, and names it. */
export const netbios: Protocol = {
  name: "netbios",
  transports: [transport.udp, transport.tcp],
  recognise({bytes, start, end, proto, srcPort, dstPort}) {
    if (proto === transport.tcp)
      return (
        bytes[start] === 0x81 &&
        end - start === 72 &&
        uint16(bytes, start + 2) === 68 &&
        isEncodedName(bytes, start + 4, end)
      );
    if (srcPort === 138 && dstPort === 138)
      return bytes[start] >= 0x10 && bytes[start] <= 0x16 && isEncodedName(bytes, start + 14, end);
    return (
      end - start >= 50 &&
      uint16(bytes, start + 4) + uint16(bytes, start + 6) > 0 &&
      isEncodedName(bytes, start + 12, end)
    );
  },
  begin: () => new SmbParser()
};

/** RFC 1001 §14.1: sixteen bytes as 32 letters from A to P. */
function isEncodedName(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 34 > end || bytes[at] !== 32) return false;
  for (let i = at + 1; i <= at + 32; i++) if (bytes[i] < 0x41 || bytes[i] > 0x50) return false;
  return true;
}
