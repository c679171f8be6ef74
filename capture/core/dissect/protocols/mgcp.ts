import {Event} from "../../meter/layout";
import {hasText, isText} from "../text";

/** MGCP by a command's line, which ends with the protocol's version (RFC 3435 §3.2.1). */
export function recogniseMgcp(_event: Event, start: usize, end: usize): bool {
  return isVerb(start, end) && hasText(start + 4, min(end, start + 256), " MGCP ");
}

/** Whether it may begin with that byte. */
export function beginsMgcp(byte: u8): bool {
  return byte === 0x41 || byte === 0x43 || byte === 0x44 || byte === 0x45 || byte === 0x4d || byte === 0x4e || byte === 0x52;
}

function isVerb(at: usize, end: usize): bool {
  return (
    isText(at, end, "AUEP ") ||
    isText(at, end, "AUCX ") ||
    isText(at, end, "CRCX ") ||
    isText(at, end, "DLCX ") ||
    isText(at, end, "EPCF ") ||
    isText(at, end, "MDCX ") ||
    isText(at, end, "NTFY ") ||
    isText(at, end, "RQNT ") ||
    isText(at, end, "RSIP ")
  );
}
