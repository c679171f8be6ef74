import {allocate, release} from "../../heap";
import {countGivenUp, releaseHeld, reserveHeld} from "../../streams/held";

/**
 * Header fields that a direction has sent before, the newest first (RFC 7541 §2.3.2). Behind missing bytes it begins anew:
 * fields that are added from then on are known by their distance from the newest, those before are not.
 */
@unmanaged
export class DynamicTable {
  /** Addresses of fields in a ring, its places (a power of two), how many are in use, and where the next one goes. */
  ring: u32 = 0;
  room: u32 = 0;
  count: u32 = 0;
  next: u32 = 0;
  /** Its size by RFC 7541 §4.1, and the most that it may be. */
  size: u32 = 0;
  most: u32 = 0;
}

/** A field; its name and its value follow it, as far as they are known. */
@unmanaged
export class Field {
  size: u32 = 0;
  bytes: u32 = 0;
  name: u32 = 0;
  value: u32 = 0;
}

/** What a field counts beyond its texts. */
const OVERHEAD: u32 = 32;

/** Size at first, and the most that is kept: who allows more than that refers to fields that are not known here. */
const FIRST_SIZE: u32 = 4096;
const MAX_SIZE: u32 = 65_536;

const FIRST_ROOM: u32 = 16;

export function openTable(table: DynamicTable): void {
  memory.fill(changetype<usize>(table), 0, offsetof<DynamicTable>());
  table.most = FIRST_SIZE;
}

/** The field that was added as the `index`th before the newest (0); 0 where it is not known. */
export function fieldAt(table: DynamicTable, index: u32): usize {
  if (index >= table.count) return 0;
  return <usize>load<u32>(table.ring + (<usize>((table.next - 1 - index) & (table.room - 1)) << 2));
}

/** Where the texts of a field begin. */
// @ts-ignore: decorator
@inline
export function textOf(field: usize): usize {
  return field + offsetof<Field>();
}

/** Adds a field; a name of length 0 is one that is not known. */
export function addField(table: DynamicTable, name: usize, nameLength: u32, value: usize, valueLength: u32): void {
  const size = nameLength + valueLength + OVERHEAD;
  // The name may be that of a field that gives way (RFC 7541 §4.4): the new one is made before.
  const bytes = offsetof<Field>() + nameLength + valueLength;
  const block = size <= table.most && reserveHeld(bytes) ? allocate(bytes) : 0;
  if (size <= table.most && block === 0) countGivenUp();
  if (block !== 0) {
    const field = changetype<Field>(block);
    field.size = size;
    field.bytes = bytes;
    field.name = nameLength;
    field.value = valueLength;
    memory.copy(textOf(block), name, nameLength);
    memory.copy(textOf(block) + nameLength, value, valueLength);
  }
  evict(table, size > table.most ? 0 : table.most - size);
  if (block === 0) {
    // Without its place in the order the ones before would be taken for others.
    evict(table, 0);
    return;
  }
  if (table.count === table.room && !moreRoom(table)) {
    releaseField(block);
    return evict(table, 0);
  }
  store<u32>(table.ring + (<usize>table.next << 2), <u32>block);
  table.next = (table.next + 1) & (table.room - 1);
  table.count++;
  table.size += size;
}

/** Says how large it may be from now on (RFC 7541 §6.3). */
export function resize(table: DynamicTable, most: u32): void {
  table.most = min(most, MAX_SIZE);
  evict(table, table.most);
}

/** Forgets the oldest fields until its size is `most` or less. */
export function evict(table: DynamicTable, most: u32): void {
  while (table.size > most && table.count > 0) {
    const oldest = fieldAt(table, table.count - 1);
    table.count--;
    table.size -= changetype<Field>(oldest).size;
    releaseField(oldest);
  }
}

export function closeTable(table: DynamicTable): void {
  evict(table, 0);
  if (table.room === 0) return;
  release(table.ring, <usize>table.room << 2);
  releaseHeld(<i32>(table.room << 2));
  table.room = 0;
}

function releaseField(field: usize): void {
  const bytes = changetype<Field>(field).bytes;
  releaseHeld(<i32>bytes);
  release(field, bytes);
}

/** Twice the places; false where memory is out. */
function moreRoom(table: DynamicTable): bool {
  const room = table.room === 0 ? FIRST_ROOM : table.room * 2;
  if (!reserveHeld(<i32>(room << 2))) {
    countGivenUp();
    return false;
  }
  const ring = allocate(<usize>room << 2);
  if (ring === 0) {
    releaseHeld(<i32>(room << 2));
    return false;
  }
  for (let i: u32 = 0; i < table.count; i++) store<u32>(ring + (<usize>(table.count - 1 - i) << 2), <u32>fieldAt(table, i));
  if (table.room !== 0) {
    release(table.ring, <usize>table.room << 2);
    releaseHeld(<i32>(table.room << 2));
  }
  table.ring = <u32>ring;
  table.room = room;
  table.next = table.count;
  return true;
}
