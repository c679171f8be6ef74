import {berContent} from "./text";

/** Values in BER (X.690), as Kerberos and LDAP write them. What is cut short is read as far as it goes. */

/** Where the content of the value at `at` ends, at `end` at the latest; 0 where its length is no plausible one. */
export function berEnd(at: usize, end: usize): usize {
  const content = berContent(at, end);
  if (content === 0) return 0;
  const length = berLength(at);
  return length > <u32>(end - content) ? end : content + <usize>length;
}

/** Bytes of the content of the value at `at`, of which the header is there. */
export function berLength(at: usize): u32 {
  const first = <u32>load<u8>(at, 1);
  if (first < 0x80) return first;
  let length: u32 = 0;
  for (let i: u32 = 0; i < (first & 0x7f); i++) length = (length << 8) | load<u8>(at + 2 + i);
  return length;
}

/** The value with that tag among those behind one another in `at .. end`; 0 without. */
export function berFind(at: usize, end: usize, tag: u8): usize {
  while (at + 2 <= end) {
    if (load<u8>(at) === tag) return at;
    const next = berEnd(at, end);
    if (next <= at) return 0;
    at = next;
  }
  return 0;
}

/** The value within field `tag` of the fields in `at .. end` (explicit tagging); 0 without. */
export function berField(at: usize, end: usize, tag: u8): usize {
  const field = berFind(at, end, tag);
  if (field === 0) return 0;
  const value = berContent(field, end);
  return value !== 0 && value + 2 <= end ? value : 0;
}

/** The whole number at `at`, of four bytes at most, with its sign; `missing` where it is none. */
export function berInteger(at: usize, end: usize, missing: i32): i32 {
  if (at === 0 || at + 2 > end) return missing;
  const length = <u32>load<u8>(at, 1);
  if (length < 1 || length > 4 || at + 2 + <usize>length > end) return missing;
  let value = <i32>load<i8>(at, 2);
  for (let i: u32 = 1; i < length; i++) value = (value << 8) | <i32>load<u8>(at + 2 + i);
  return value;
}
