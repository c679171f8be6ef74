import {besides, dictionaries, firsts, kinds, TABLE_PLACES, TABLES, tables, values} from "./columns";
import {clearDictionary, Dictionary, intern, openDictionary} from "./dictionary";
import {moved} from "./heap";

/** Rows of application records under way to the lake, a column at a time. */

/** Kinds of columns: what there are columns of, and how wide a value is. */
export const ID: u8 = 0;
export const NUMBER: u8 = 1;
export const TEXT: u8 = 2;
export const ADDRESS: u8 = 3;
/** Of the capture, the same in each row: the host adds it. */
export const CAPTURE: u8 = 4;

const FIRST_ROWS: i32 = 256;

@unmanaged
export class Table {
  rows: i32 = 0;
  /** Rows there is room for, and that may wait at most; more are dropped and counted. */
  room: i32 = 0;
  most: i32 = 0;
  dropped: i32 = 0;
  columns: i32 = 0;
  /** Kinds by column. */
  kinds: u32 = 0;
  /** Values by column: 8-byte numbers and ids, 4-byte codes, 16-byte addresses. */
  values: u32 = 0;
  /** By column: versions of addresses, dictionaries of texts. */
  besides: u32 = 0;
}

// @ts-ignore: decorator
@inline
export function tableAt(number: i32): Table {
  return changetype<Table>(tables + <usize>number * offsetof<Table>());
}

/** Makes all tables empty and without memory. */
export function openTables(most: i32): void {
  memory.fill(tables, 0, <usize>TABLES * offsetof<Table>());
  memory.fill(values, 0, <usize>TABLE_PLACES << 2);
  memory.fill(besides, 0, <usize>TABLE_PLACES << 2);
  for (let number = 0; number < TABLES; number++) openTable(number, most);
}

function openTable(number: i32, most: i32): void {
  const table = tableAt(number);
  const first = <usize>load<u16>(firsts + (<usize>number << 1));
  table.most = most;
  table.columns = <i32>load<u16>(firsts + (<usize>number << 1), 2) - <i32>first;
  table.kinds = <u32>(kinds + first);
  table.values = <u32>(values + (first << 2));
  table.besides = <u32>(besides + (first << 2));
  for (let i = 0; i < table.columns; i++) {
    if (load<u8>(<usize>table.kinds + i) !== TEXT) continue;
    const dictionary = dictionaries + (first + i) * offsetof<Dictionary>();
    store<u32>(<usize>table.besides + (<usize>i << 2), <u32>dictionary);
    openDictionary(changetype<Dictionary>(dictionary));
  }
}

/**
 * Begins a row; -1 where too many wait. Each column is then to be set once: what a row before left there is not cleared.
 * `id`: the flow's; `ts`: µs since 1970.
 */
export function addRow(table: Table, id: u64, ts: f64): i32 {
  const row = table.rows;
  if (row >= table.most || (row === table.room && !moreRows(table))) {
    table.dropped++;
    return -1;
  }
  table.rows = row + 1;
  store<u64>(valuesOf(table, 0) + (<usize>row << 3), id);
  store<f64>(valuesOf(table, 2) + (<usize>row << 3), ts);
  return row;
}

/** Begins a row of a table without flows, which begins with the capture and the time; else as `addRow`. */
export function addCaptureRow(table: Table, ts: f64): i32 {
  const row = table.rows;
  if (row >= table.most || (row === table.room && !moreRows(table))) {
    table.dropped++;
    return -1;
  }
  table.rows = row + 1;
  store<f64>(valuesOf(table, 1) + (<usize>row << 3), ts);
  return row;
}

// @ts-ignore: decorator
@inline
export function valuesOf(table: Table, column: i32): usize {
  return <usize>load<u32>(<usize>table.values + (<usize>column << 2));
}

// @ts-ignore: decorator
@inline
export function besidesOf(table: Table, column: i32): usize {
  return <usize>load<u32>(<usize>table.besides + (<usize>column << 2));
}

/** Sets a number; NaN is NULL. */
// @ts-ignore: decorator
@inline
export function setNumber(table: Table, row: i32, column: i32, value: f64): void {
  store<f64>(valuesOf(table, column) + (<usize>row << 3), value);
}

/** Sets a text: UTF-8 that `clean` would leave as it is. */
export function setText(table: Table, row: i32, column: i32, at: usize, length: u32): void {
  const code = intern(changetype<Dictionary>(besidesOf(table, column)), at, length);
  store<i32>(valuesOf(table, column) + (<usize>row << 2), code);
}

// @ts-ignore: decorator
@inline
export function setNull(table: Table, row: i32, column: i32): void {
  store<i32>(valuesOf(table, column) + (<usize>row << 2), -1);
}

/** Sets a text kept in the heap (`keepText`), NULL where it is 0. */
export function setKept(table: Table, row: i32, column: i32, text: usize): void {
  if (text === 0) setNull(table, row, column);
  else setText(table, row, column, text + 4, load<u32>(text));
}

/** Sets an address of that version, in network order: its first 4 bytes, or 16. */
export function setAddress(table: Table, row: i32, column: i32, address: usize, version: i32): void {
  const to = valuesOf(table, column) + (<usize>row << 4);
  store<u8>(besidesOf(table, column) + row, <u8>version);
  if (version === 4) {
    store<u64>(to, <u64>load<u32>(address));
    store<u64>(to, 0, 8);
  } else {
    store<u64>(to, load<u64>(address));
    store<u64>(to, load<u64>(address, 8), 8);
  }
}

/** Forgets the rows, which the host has taken. */
export function clearTable(table: Table): void {
  table.rows = 0;
  for (let i = 0; i < table.columns; i++)
    if (load<u8>(<usize>table.kinds + i) === TEXT) clearDictionary(changetype<Dictionary>(besidesOf(table, i)));
}

// @ts-ignore: decorator
@inline
function widthOf(kind: u8): u32 {
  return kind === TEXT ? 2 : kind === ADDRESS ? 4 : 3;
}

/** Twice the room; false where memory is out: the table then stays as large as it is. */
function moreRows(table: Table): bool {
  const old = table.room;
  const room = old === 0 ? FIRST_ROWS : old * 2;
  for (let i = 0; i < table.columns; i++) {
    const kind = load<u8>(<usize>table.kinds + i);
    if (kind === CAPTURE) continue;
    const isWider =
      widen(<usize>table.values + (<usize>i << 2), widthOf(kind), old, room) &&
      (kind !== ADDRESS || widen(<usize>table.besides + (<usize>i << 2), 0, old, room));
    if (isWider) continue;
    table.most = old;
    return false;
  }
  table.room = room;
  return true;
}

function widen(place: usize, width: u32, old: i32, room: i32): bool {
  const block = moved(<usize>load<u32>(place), <usize>old << width, <usize>old << width, <usize>room << width);
  if (block === 0) return false;
  store<u32>(place, <u32>block);
  return true;
}
