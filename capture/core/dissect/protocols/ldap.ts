import {Event} from "../../meter/layout";
import {berContent} from "../text";

/** LDAP by its message envelope and operation (RFC 4511 §4.1.1); TLS may follow. */
export function recogniseLdap(_event: Event, start: usize, end: usize): bool {
  const id = berContent(start, end);
  if (id === 0 || load<u8>(id) !== 2) return false;
  const length = load<u8>(id, 1);
  if (length < 1 || length > 4) return false;
  const operation = id + 2 + length;
  return operation + 2 <= end && isOperation(load<u8>(operation));
}

/** Whether it may begin with that byte. */
export function beginsLdap(byte: u8): bool {
  return byte === 0x30;
}

/**
 * Bind, unbind, search, modify, add, delete, rename, compare, abandon and extended, and their responses: 0x60, 0x61,
 * 0x42, 0x63 to 0x69, 0x4a, 0x6b to 0x6f, 0x50, 0x73, 0x77 and 0x78, as bits from 0x40 on.
 */
const OPERATIONS: u64 = 0x0188fbfb00010404;

// @ts-ignore: decorator
@inline
function isOperation(tag: u8): bool {
  return tag >> 6 === 1 && ((OPERATIONS >> (tag & 0x3f)) & 1) !== 0;
}
