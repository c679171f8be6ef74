/** A value of Thrift's compact protocol; a struct has its fields at their numbers. */
export type ThriftValue = number | boolean | Uint8Array | readonly ThriftValue[];
export type ThriftStruct = readonly ThriftValue[];

const types = {stop: 0, true: 1, false: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, struct: 12};
/** Structs and lists within each other at most; Parquet's metadata have fewer. */
const mostDepth = 32;

/**
 * Reads structs in Thrift's compact protocol (thrift-compact-protocol.md of Apache Thrift), as far as Parquet's metadata
 * need it. Throws a RangeError where the bytes end too early or hold what the protocol does not have.
 */
export class ThriftReader {
  readonly #bytes: Uint8Array;
  at: number;
  #depth = 0;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  struct(): ThriftStruct {
    if (++this.#depth > mostDepth) throw new RangeError("structs too deep");
    const fields: ThriftValue[] = [];
    let field = 0;
    for (;;) {
      const header = this.#byte();
      const type = header & 15;
      if (type === types.stop) break;
      field = header >> 4 === 0 ? this.#signed() : field + (header >> 4);
      if (field < 0 || field > 1000) throw new RangeError(`field ${field}`);
      fields[field] = type === types.true ? true : type === types.false ? false : this.#value(type);
    }
    this.#depth--;
    return fields;
  }

  #value(type: number): ThriftValue {
    if (type === types.struct) return this.struct();
    if (type === types.list) return this.#list();
    if (type === types.binary) return this.#take(this.#varint());
    if (type === types.double) return this.#take(8);
    if (type === types.byte || type === types.true || type === types.false) return this.#byte();
    if (type === types.i16 || type === types.i32 || type === types.i64) return this.#signed();
    throw new RangeError(`values of type ${type}`);
  }

  #list(): ThriftValue[] {
    const header = this.#byte();
    const count = header >> 4 === 15 ? this.#varint() : header >> 4;
    if (count > this.#bytes.length - this.at) throw new RangeError("a list is cut short");
    return Array.from({length: count}, () => this.#value(header & 15));
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.at) throw new RangeError("a text is cut short");
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  #signed(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** ULEB128; beyond 2^53 not exact. */
  #varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      if (factor > 2 ** 63) throw new RangeError("a number is too long");
    }
  }

  #byte(): number {
    if (this.at >= this.#bytes.length) throw new RangeError("metadata are cut short");
    return this.#bytes[this.at++];
  }
}
