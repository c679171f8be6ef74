import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Steam's clients by `VT01` behind a length (TCP), `VS01` (UDP), or what they look for one another with in a local network. */
export function recogniseSteam(event: Event, start: usize, end: usize): bool {
  if (event.proto === TCP) return isText(start + 4, end, "VT01") && load<u32>(start) <= 0xfffff;
  if (isText(start, end, "VS01")) return start + 36 <= end;
  // Relays of Valve's games are measured first.
  if (isText(start + 2, end, "sdping")) return true;
  return start + 12 <= end && load<u32>(start) === 0xffffffff && load<u32>(start, 4) === 0xa05f4c21;
}
