import {find, isText} from "../../text";

/** Elements of BSON documents (bsonspec.org, 1.1), one at a time. */

/** The element last met: its type, its name and its value. */
export let type: u8 = 0;
export let nameAt: usize = 0;
export let nameEnd: usize = 0;
export let valueAt: usize = 0;
export let valueEnd: usize = 0;

export const DOUBLE: u8 = 1;
export const TEXT: u8 = 2;
export const DOCUMENT: u8 = 3;
export const ARRAY: u8 = 4;
export const BINARY: u8 = 5;
export const BOOLEAN: u8 = 8;
export const INT32: u8 = 16;

/** Where the elements of a document begin; 0 where there is none. */
// @ts-ignore: decorator
@inline
export function elementsOf(at: usize, end: usize): usize {
  return at + 5 > end || load<u32>(at) < 5 ? 0 : at + 4;
}

/** Reads the element at `at`; where the next one is, 0 behind the last, or where it is not all there. */
export function element(at: usize, end: usize): usize {
  if (at >= end || load<u8>(at) === 0) return 0;
  type = load<u8>(at);
  nameAt = at + 1;
  nameEnd = find(0, nameAt, end);
  if (nameEnd === 0) return 0;
  valueAt = nameEnd + 1;
  const length = lengthOf(valueAt, end);
  if (length > end - valueAt) return 0;
  valueEnd = valueAt + length;
  return valueEnd;
}

const NOT_THERE: usize = 0x7fffffff;

function lengthOf(at: usize, end: usize): usize {
  switch (type) {
    case DOUBLE:
    case 0x09:
    case 0x11:
    case 0x12: return 8;
    case TEXT:
    case 0x0d:
    case 0x0e: return prefixed(at, end, 4);
    case DOCUMENT:
    case ARRAY:
    case 0x0f: return prefixed(at, end, 0);
    case BINARY: return prefixed(at, end, 5);
    case 0x0c: return prefixed(at, end, 16);
    case 0x06:
    case 0x0a:
    case 0x7f:
    case 0xff: return 0;
    case 0x07: return 12;
    case BOOLEAN: return 1;
    case INT32: return 4;
    case 0x13: return 16;
    case 0x0b: {
      const pattern = find(0, at, end);
      const options: usize = pattern === 0 ? 0 : find(0, pattern + 1, end);
      return options === 0 ? NOT_THERE : options + 1 - at;
    }
  }
  return NOT_THERE;
}

function prefixed(at: usize, end: usize, more: usize): usize {
  if (at + 4 > end || load<u32>(at) > 0x3fffffff) return NOT_THERE;
  const length = <usize>load<u32>(at) + more;
  return length < 4 ? NOT_THERE : length;
}

export function isNamed(name: string): bool {
  return nameEnd - nameAt === name.length && isText(nameAt, nameEnd, name);
}

/** The element's value as a number, where it is one. */
export function numberOf(): f64 {
  if (type === DOUBLE) return load<f64>(valueAt);
  if (type === INT32) return <f64>load<i32>(valueAt);
  if (type === BOOLEAN) return <f64>load<u8>(valueAt);
  return type === 0x12 ? <f64>load<i64>(valueAt) : NaN;
}

/** Finds the element of that name among those from `at` on; true where it is there. */
export function findElement(at: usize, end: usize, name: string): bool {
  if (at === 0) return false;
  for (let next = element(at, end); next !== 0; next = element(next, end)) if (isNamed(name)) return true;
  return false;
}
