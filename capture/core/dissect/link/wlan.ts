import {newOperation, REPORT, setAddressEnd, addressText} from "../parsers/industrial/operation";
import {appendClean} from "../text";

/** Management of IEEE 802.11 (§9.3.3): what stations and access points say to join, to leave and to be found. */

const HEADER: usize = 24;
const BEACON: u32 = 8;
const PROBE_RESPONSE: u32 = 5;
/** Time, interval and capabilities before a beacon's elements (§9.3.3.2). */
const FIXED: usize = 12;
const MAX_NAME: usize = 32;

/** Reads a frame by its subtype, with the network's name where it stands: in beacons, and in answers to those who look for one. */
export function readWlanManagement(start: usize, end: usize): bool {
  // Cisco's access points swap the two bytes of frame control; of the second one management has no version or type.
  const control = (load<u8>(start) & 0x0f) === 0 ? load<u8>(start) : load<u8>(start, 1);
  const subtype = <u32>control >> 4;
  newOperation(REPORT, <i32>subtype, subtypeName(subtype), false);
  if (subtype !== BEACON && subtype !== PROBE_RESPONSE) return true;
  const element = start + HEADER + FIXED;
  if (element + 2 > end || load<u8>(element) !== 0) return true;
  const length = <usize>load<u8>(element, 1);
  if (length > 0 && length <= MAX_NAME && element + 2 + length <= end) setAddressEnd(appendClean(element + 2, element + 2 + length, addressText));
  return true;
}

/** Table 9-1. */
function subtypeName(subtype: u32): string {
  switch (subtype) {
    case 0: return "Association request";
    case 1: return "Association response";
    case 2: return "Reassociation request";
    case 3: return "Reassociation response";
    case 4: return "Probe request";
    case 5: return "Probe response";
    case 6: return "Timing advertisement";
    case 8: return "Beacon";
    case 9: return "Announcement of traffic";
    case 10: return "Disassociation";
    case 11: return "Authentication";
    case 12: return "Deauthentication";
    case 13: return "Action";
    case 14: return "Action without acknowledgement";
  }
  return "unknown";
}
