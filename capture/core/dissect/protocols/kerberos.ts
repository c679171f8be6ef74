import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {berContent} from "../text";

const TCP = 6;

/** Kerberos 5 by the tag of its message and its protocol version (RFC 4120 §5.4). */
export function recogniseKerberos(event: Event, start: usize, end: usize): bool {
  const isTcp = event.proto === TCP;
  const at = isTcp ? start + 4 : start;
  if (at + 12 > end || !isTag(load<u8>(at)) || (isTcp && <usize>u32At(start) < end - at)) return false;
  const sequence = berContent(at, end);
  if (sequence === 0 || load<u8>(sequence) !== 0x30) return false;
  const field = berContent(sequence, end);
  // pvno is field 1 of a request, field 0 of everything else.
  return (
    field !== 0 &&
    (load<u8>(field) === 0xa1 || load<u8>(field) === 0xa0) &&
    load<u8>(field, 1) === 3 &&
    load<u8>(field, 2) === 2 &&
    load<u8>(field, 4) === 5
  );
}

/** Whether it may begin with that byte; over TCP a length comes first. */
export function beginsKerberos(byte: u8): bool {
  return byte === 0 || isTag(byte);
}

/** AS, TGS and AP requests and replies, KRB-ERROR. */
// @ts-ignore: decorator
@inline
function isTag(byte: u8): bool {
  return (byte >= 0x6a && byte <= 0x6f) || byte === 0x7e;
}
