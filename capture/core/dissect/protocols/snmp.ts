import {Event} from "../../meter/layout";
import {berContent} from "../text";

/** SNMP by its BER structure: version, then a community and a PDU, or the header data of version 3 (RFC 3416, RFC 3412). */
export function recogniseSnmp(_event: Event, start: usize, end: usize): bool {
  const body = berContent(start, end);
  if (body === 0 || body + 5 > end || load<u8>(body) !== 2 || load<u8>(body, 1) !== 1) return false;
  const version = load<u8>(body, 2);
  const next = body + 3;
  if (version === 3) return load<u8>(next) === 0x30;
  if (version > 1 || load<u8>(next) !== 4) return false;
  const community = berContent(next, end);
  if (community === 0) return false;
  const length = load<u8>(next, 1);
  const pdu = community + (length < 0x80 ? <usize>length : 0);
  return pdu < end && load<u8>(pdu) >= 0xa0 && load<u8>(pdu) <= 0xa8;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSnmp(byte: u8): bool {
  return byte === 0x30;
}
