import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {isText} from "../text";

const TCP = 6;

/** BitTorrent handshakes (BEP 3), distributed hash table messages (BEP 5), UDP trackers (BEP 15) and announcements in a local network (BEP 14). */
export function recogniseBittorrent(event: Event, start: usize, end: usize): bool {
  if (event.proto === TCP) return load<u8>(start) === 19 && isText(start + 1, end, "BitTorrent protocol");
  if (isText(start, end, "d1:")) return isHashTable(start + 3, end);
  if (isText(start, end, "d2:ip") || isText(start, end, "BT-SEARCH * HTTP")) return true;
  return (
    start + 16 === end && u32At(start) === 0x417 && u32At(start + 4) === 0x27101980 && u32At(start + 8) === 0
  );
}

/** Whether it may begin with that byte. */
export function beginsBittorrent(byte: u8): bool {
  return byte === 19 || byte === 0x64 || byte === 0x42 || byte === 0;
}

/** Queries, answers and errors begin with their arguments. */
function isHashTable(at: usize, end: usize): bool {
  return isText(at, end, "ad") || isText(at, end, "rd2:id20:") || isText(at, end, "el");
}
