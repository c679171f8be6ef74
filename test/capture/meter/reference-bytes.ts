/** A read beyond the bytes of a packet. */
export class Cut extends Error {}

/** Bytes that throw `Cut` where a read goes beyond them. */
export class Bytes {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  get length(): number {
    return this.bytes.length;
  }
  need(n: number): void {
    if (this.bytes.length < n) throw new Cut();
  }
  u8(at: number): number {
    this.need(at + 1);
    return this.bytes[at];
  }
  u16(at: number): number {
    return this.u8(at) * 256 + this.u8(at + 1);
  }
  u32(at: number): number {
    return this.u16(at) * 65536 + this.u16(at + 2);
  }
  from(at: number, end = this.bytes.length): Bytes {
    return new Bytes(this.bytes.subarray(Math.min(at, this.bytes.length), Math.max(at, end)));
  }
  hex(at: number, length: number): string {
    return Buffer.from(this.bytes.subarray(at, at + length)).toString("hex");
  }
}
