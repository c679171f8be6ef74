import {appendText} from "../../text";
import {addField, DynamicTable, evict, Field, fieldAt, resize, textOf} from "./dynamic-table";
import {decodeHuffman} from "./huffman";
import {STATIC_FIELDS, staticName, staticValue} from "./static-table";

/** Header blocks (RFC 7541 §6): the fields that they are made of, one after another. */

/** Longest block that is read; each of its bytes may become 1.6. */
export const MAX_BLOCK: u32 = 65_536;

const decoded = memory.data(106_496);
/** Texts of a field of the static table: its name, and its value behind 64 bytes. */
const constant = memory.data(128);

/** The field under way; a name or a value that is not known has length 0. */
let name: usize = 0;
let nameLength: u32 = 0;
let value: usize = 0;
let valueLength: u32 = 0;

/** Where reading is in the block, where the block ends, and where the next decoded text goes. */
let at: usize = 0;
let last: usize = 0;
let to: usize = 0;

/** Whether a field could not be told, as it was said before what is known here. */
export let hasUnknown: bool = false;

/** Takes a field, valid during the call only. */
type TakeField = (name: usize, nameEnd: usize, value: usize, valueEnd: usize) => void;

/** Reads a whole block; false where it is malformed, and the table is empty then. */
export function readBlock(table: DynamicTable, start: usize, end: usize, take: TakeField): bool {
  at = start;
  last = end;
  hasUnknown = false;
  while (at < last) {
    to = decoded;
    if (readField(table, take)) continue;
    evict(table, 0);
    return false;
  }
  return true;
}

function readField(table: DynamicTable, take: TakeField): bool {
  const first = load<u8>(at);
  if ((first & 0x80) !== 0) {
    const index = readInteger(7);
    if (index <= 0) return false;
    findField(table, <u32>index);
    if (nameLength > 0) take(name, name + nameLength, value, value + valueLength);
    return true;
  }
  if ((first & 0xe0) === 0x20) {
    const most = readInteger(5);
    if (most < 0) return false;
    resize(table, <u32>most);
    return true;
  }
  const isAdded = (first & 0x40) !== 0;
  const index = readInteger(isAdded ? 6 : 4);
  if (index < 0) return false;
  if (index > 0) findField(table, <u32>index);
  else {
    if (!readText()) return false;
    name = text;
    nameLength = textLength;
  }
  if (!readText()) return false;
  value = text;
  valueLength = textLength;
  if (nameLength > 0) take(name, name + nameLength, value, value + valueLength);
  if (isAdded) addField(table, name, nameLength, value, valueLength);
  return true;
}

/** Sets name and value to those of an index (RFC 7541 §2.3.3). */
function findField(table: DynamicTable, index: u32): void {
  nameLength = valueLength = 0;
  if (index <= STATIC_FIELDS) {
    name = constant;
    value = constant + 64;
    nameLength = <u32>(appendText(staticName(index), name) - name);
    valueLength = <u32>(appendText(staticValue(index), value) - value);
    return;
  }
  const field = fieldAt(table, index - STATIC_FIELDS - 1);
  if (field === 0) {
    hasUnknown = true;
    return;
  }
  name = textOf(field);
  nameLength = changetype<Field>(field).name;
  value = name + nameLength;
  valueLength = changetype<Field>(field).value;
  if (nameLength === 0) hasUnknown = true;
}

/** An integer with a prefix of so many bits (RFC 7541 §5.1); -1 where it ends too soon or is too large. */
function readInteger(bits: u32): i32 {
  const prefix: u32 = (1 << bits) - 1;
  let integer = <u32>load<u8>(at++) & prefix;
  if (integer < prefix) return <i32>integer;
  for (let shift: u32 = 0; shift < 28; shift += 7) {
    if (at >= last) return -1;
    const byte = <u32>load<u8>(at++);
    integer += (byte & 0x7f) << shift;
    if (byte < 0x80) return <i32>integer;
  }
  return -1;
}

/** The text last read. */
let text: usize = 0;
let textLength: u32 = 0;

/** Reads a string literal (RFC 7541 §5.2); false where it is none. */
function readText(): bool {
  if (at >= last) return false;
  const isHuffman = load<u8>(at) >= 0x80;
  const length = readInteger(7);
  if (length < 0 || <usize>length > last - at) return false;
  text = at;
  textLength = <u32>length;
  at += <usize>length;
  if (!isHuffman || length === 0) return true;
  const end = decodeHuffman(text, at, to, decoded + 106_496);
  if (end === 0) return false;
  text = to;
  textLength = <u32>(end - to);
  to = end;
  return true;
}
