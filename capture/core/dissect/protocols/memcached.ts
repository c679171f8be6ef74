import {u32At} from "../../meter/bytes";
import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {isText, lineEnd} from "../text";

/** memcached by a command in text, or the header of the binary protocol; over UDP behind a frame's header (protocol.txt). */
export function recogniseMemcached(event: Event, start: usize, end: usize): bool {
  const at = event.proto === TCP ? start : start + 8;
  if (at + 6 > end) return false;
  // Request, sequence, how many datagrams, reserved.
  if (event.proto !== TCP && (load<u32>(start, 4) !== 0x00000100 || load<u16>(start, 2) !== 0)) return false;
  const first = load<u8>(at);
  if (first === 0x80 || first === 0x81) return at + 24 <= end && load<u8>(at, 1) <= 0x4a && load<u8>(at, 5) === 0 && u32At(at + 8) === <u32>(end - at) - 24 + <u32>event.cut;
  const line = lineEnd(at, end);
  if (line === 0 || load<u8>(line - 1) !== 13) return false;
  return (
    isText(at, end, "get ") ||
    isText(at, end, "gets ") ||
    isText(at, end, "set ") ||
    isText(at, end, "add ") ||
    isText(at, end, "incr ") ||
    isText(at, end, "delete ") ||
    isText(at, end, "stats\r") ||
    isText(at, end, "stats ") ||
    isText(at, end, "version\r") ||
    isText(at, end, "STAT pid ") ||
    isText(at, end, "STORED\r") ||
    isText(at, end, "flush_all")
  );
}
