import nb, {type Vector} from "@duckdb/node-bindings";
import type {AddressColumn, ColumnData} from "../../schema/rows.ts";
import {ipv4Text, ipv6Text} from "../meter/address-text.ts";
import {enumCells} from "./texts.ts";
import {markNulls} from "./validity.ts";
import {type BoundColumn, type ColumnBuffer, plain, vectorSize} from "./vectors.ts";

/** Words of a key: the version, then the address's four. */
const keyWords = 5;
const firstSlots = 1 << 12;

/**
 * Addresses by code: each distinct one is found by its bytes in a table of open addressing, and becomes a text only
 * when the file is written, as a value of its ENUM.
 */
export class AddressBuffer implements ColumnBuffer {
  readonly textBytes = 0;
  readonly #name: string;
  #codes = new Int32Array(vectorSize);
  #rows = 0;
  #distinct = 0;
  #keys = new Uint32Array(firstSlots * keyWords);
  /** Code + 1 by slot, 0 where it is free; twice as many slots as keys at least. */
  #slots = new Int32Array(firstSlots);
  #hasNull = false;
  #cells: Uint8Array | Uint16Array | Uint32Array = new Uint8Array(0);

  constructor(name: string) {
    this.#name = name;
  }

  accepts(data: ColumnData | AddressColumn): boolean {
    return "addresses" in data;
  }

  append(data: ColumnData | AddressColumn, rows: number): void {
    const {addresses, stride, versions, versionStride} = data as AddressColumn;
    if (this.#rows + rows > this.#codes.length) {
      const codes = new Int32Array(Math.max(this.#rows + rows, this.#codes.length * 2));
      codes.set(this.#codes);
      this.#codes = codes;
    }
    for (let i = 0; i < rows; i++) {
      const version = versions[i * versionStride];
      const at = i * stride;
      if (version === 0) this.#hasNull = true;
      this.#codes[this.#rows + i] =
        version === 0
          ? -1
          : version === 4
            ? this.#code(4, word(addresses, at), 0, 0, 0)
            : this.#code(
                6,
                word(addresses, at),
                word(addresses, at + 4),
                word(addresses, at + 8),
                word(addresses, at + 12)
              );
    }
    this.#rows += rows;
  }

  bind(): BoundColumn {
    const type = nb.create_enum_type(this.#distinct > 0 ? this.#texts() : [""]);
    this.#cells = enumCells(type);
    return plain(this.#name, type);
  }

  fill([vector]: readonly Vector[], from: number, count: number, order: Uint32Array | null): void {
    const codes = this.#codes;
    const cells = this.#cells;
    if (order) for (let i = 0; i < count; i++) cells[i] = codes[order[from + i]];
    else for (let i = 0; i < count; i++) cells[i] = codes[from + i];
    const isNull = (i: number) => codes[order ? order[from + i] : from + i] < 0;
    if (this.#hasNull) for (let i = 0; i < count; i++) if (isNull(i)) cells[i] = 0;
    nb.copy_data_to_vector(vector, 0, cells.buffer as ArrayBuffer, 0, count * cells.BYTES_PER_ELEMENT);
    if (this.#hasNull) markNulls(vector, count, isNull);
  }

  key(): number {
    throw new Error(`column ${this.#name}: files are not sorted by addresses`);
  }

  clear(): void {
    this.#rows = 0;
    this.#distinct = 0;
    this.#hasNull = false;
    this.#slots.fill(0);
  }

  #code(version: number, a: number, b: number, c: number, d: number): number {
    const mask = this.#slots.length - 1;
    const keys = this.#keys;
    for (let slot = hash(version, a, b, c, d) & mask; ; slot = (slot + 1) & mask) {
      const code = this.#slots[slot] - 1;
      if (code < 0) return this.#insert(slot, version, a, b, c, d);
      const k = code * keyWords;
      if (keys[k + 1] === a && keys[k + 2] === b && keys[k + 3] === c && keys[k + 4] === d && keys[k] === version)
        return code;
    }
  }

  #insert(slot: number, version: number, a: number, b: number, c: number, d: number): number {
    const code = this.#distinct++;
    this.#slots[slot] = code + 1;
    const k = code * keyWords;
    this.#keys[k] = version;
    this.#keys[k + 1] = a;
    this.#keys[k + 2] = b;
    this.#keys[k + 3] = c;
    this.#keys[k + 4] = d;
    if (this.#distinct * 2 > this.#slots.length) this.#grow();
    return code;
  }

  #grow(): void {
    const slots = this.#slots.length * 2;
    const keys = new Uint32Array(slots * keyWords);
    keys.set(this.#keys);
    this.#keys = keys;
    this.#slots = new Int32Array(slots);
    for (let code = 0; code < this.#distinct; code++) {
      const k = code * keyWords;
      let slot = hash(keys[k], keys[k + 1], keys[k + 2], keys[k + 3], keys[k + 4]) & (slots - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (slots - 1);
      this.#slots[slot] = code + 1;
    }
  }

  #texts(): string[] {
    const bytes = new Uint8Array(addressBytes);
    const view = new DataView(bytes.buffer);
    return Array.from({length: this.#distinct}, (_, code) => {
      for (let k = 0; k < 4; k++) view.setUint32(k * 4, this.#keys[code * keyWords + 1 + k]);
      return this.#keys[code * keyWords] === 4 ? ipv4Text(bytes, 0) : ipv6Text(bytes, 0);
    });
  }
}

const addressBytes = 16;

/** Four bytes in network order as an unsigned number. */
function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

/** Mixed as by murmur3's finaliser: neighbouring addresses fall far apart. */
function hash(version: number, a: number, b: number, c: number, d: number): number {
  let h =
    Math.imul(a ^ version, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77) ^ Math.imul(c, 0xc2b2ae3d) ^ Math.imul(d, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
