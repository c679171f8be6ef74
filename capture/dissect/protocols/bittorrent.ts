import {isText, uint32} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** BitTorrent handshakes (BEP 3), distributed hash table messages (BEP 5) and UDP trackers (BEP 15). */
export const bittorrent: Protocol = {
  name: "bittorrent",
  transports: [transport.tcp, transport.udp],
  firstByte: (byte) => byte === 19 || byte === 0x64 || byte === 0,
  recognise({bytes, start, end, proto}) {
    if (proto === transport.tcp) return bytes[start] === 19 && isText(bytes, start + 1, end, "BitTorrent protocol");
    if (isText(bytes, start, end, "d1:")) return hashTable.some((text) => isText(bytes, start + 3, end, text));
    if (isText(bytes, start, end, "d2:ip")) return true;
    return (
      end - start === 16 &&
      uint32(bytes, start) === 0x417 &&
      uint32(bytes, start + 4) === 0x27101980 &&
      uint32(bytes, start + 8) === 0
    );
  }
};

/** Queries, answers and errors begin with their arguments. */
const hashTable = ["ad2:id20:", "rd2:id20:", "el", "ad"];
