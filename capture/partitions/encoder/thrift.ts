/** Values of Thrift's compact protocol, as far as Parquet's metadata need them. */
export type ThriftValue =
  | {readonly i32: number}
  | {readonly i64: number}
  | {readonly bool: boolean}
  | {readonly binary: string | Uint8Array}
  | {readonly list: readonly ThriftValue[]}
  | {readonly struct: ThriftStruct};

/** Fields by number, ascending; undefined ones are left out. */
export type ThriftStruct = Readonly<Record<number, ThriftValue | undefined>>;

/** A struct in Thrift's compact protocol (thrift-compact-protocol.md of Apache Thrift). */
export function thriftBytes(struct: ThriftStruct): Buffer {
  const writer = new CompactWriter();
  writer.struct(struct);
  return writer.bytes();
}

const typeOf = {true: 1, false: 2, i32: 5, i64: 6, binary: 8, list: 9, struct: 12} as const;

class CompactWriter {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  struct(fields: ThriftStruct): void {
    let last = 0;
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      const id = Number(name);
      const type = "bool" in value ? typeOf[`${value.bool}`] : compactType(value);
      if (id - last < 16) this.#byte(((id - last) << 4) | type);
      else {
        this.#byte(type);
        this.#varint(zigzag(id));
      }
      if (!("bool" in value)) this.#value(value);
      last = id;
    }
    this.#byte(0);
  }

  #value(value: ThriftValue): void {
    if ("i32" in value) this.#varint(zigzag(value.i32));
    else if ("i64" in value) this.#varint(zigzag(value.i64));
    else if ("binary" in value) this.#binary(value.binary);
    else if ("list" in value) this.#list(value.list);
    else if ("struct" in value) this.struct(value.struct);
    else this.#byte(value.bool ? 1 : 2);
  }

  #list(values: readonly ThriftValue[]): void {
    const type = values.length > 0 ? compactType(values[0]) : typeOf.struct;
    if (values.length < 15) this.#byte((values.length << 4) | type);
    else {
      this.#byte(0xf0 | type);
      this.#varint(values.length);
    }
    for (const value of values) this.#value(value);
  }

  #binary(value: string | Uint8Array): void {
    const bytes = typeof value === "string" ? Buffer.from(value) : value;
    this.#varint(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
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
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe((this.#length + bytes) * 2);
    grown.set(this.bytes());
    this.#bytes = grown;
  }
}

function compactType(value: ThriftValue): number {
  if ("i32" in value) return typeOf.i32;
  if ("i64" in value) return typeOf.i64;
  if ("binary" in value) return typeOf.binary;
  if ("list" in value) return typeOf.list;
  return "struct" in value ? typeOf.struct : typeOf.true;
}

const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value);
