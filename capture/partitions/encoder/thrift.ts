/** Types of Thrift's compact protocol, as far as Parquet's metadata need them. */
export const thriftTypes = {i32: 5, binary: 8, struct: 12} as const;
const types = {...thriftTypes, false: 2, i64: 6, list: 9} as const;

/**
 * Writes a struct in Thrift's compact protocol (thrift-compact-protocol.md of Apache Thrift), field by field: by number,
 * ascending. It has begun with the writer; each `begin` and the struct itself is closed by `end`.
 */
export class ThriftWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;
  /** The last field of the struct being written, and of those around it. */
  #last = 0;
  #around: number[] = [];

  /** A copy of what was written. */
  get bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    this.#last = 0;
    this.#around = [];
  }

  i32(field: number, value: number): void {
    this.#field(field, types.i32);
    this.#varint(zigzag(value));
  }

  /** A whole number within ±2^52. */
  i64(field: number, value: number): void {
    this.#field(field, types.i64);
    this.#varint(zigzag(value));
  }

  isFalse(field: number): void {
    this.#field(field, types.false);
  }

  binary(field: number, value: Uint8Array): void {
    this.#field(field, types.binary);
    this.binaryItem(value);
  }

  /** A list, of which `count` items follow: by `i32Item`, `binaryItem`, or `beginItem` and `end`. */
  list(field: number, type: keyof typeof thriftTypes, count: number): void {
    this.#field(field, types.list);
    if (count < 15) this.#byte((count << 4) | types[type]);
    else {
      this.#byte(0xf0 | types[type]);
      this.#varint(count);
    }
  }

  i32Item(value: number): void {
    this.#varint(zigzag(value));
  }

  binaryItem(value: Uint8Array): void {
    this.#varint(value.length);
    this.raw(value);
  }

  begin(field: number): void {
    this.#field(field, types.struct);
    this.beginItem();
  }

  beginItem(): void {
    this.#around.push(this.#last);
    this.#last = 0;
  }

  end(): void {
    this.#byte(0);
    this.#last = this.#around.pop() ?? 0;
  }

  /** What another writer has written. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Fields are at most 15 apart. */
  #field(field: number, type: number): void {
    this.#byte(((field - this.#last) << 4) | type);
    this.#last = field;
  }

  /** ULEB128 of a whole number below 2^53. */
  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.#byte(rest);
  }

  #byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  #reserve(bytes: number): void {
    const least = this.#length + bytes;
    if (least <= this.#bytes.length) return;
    const grown = new Uint8Array(least * 2);
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value);
