import {ByteCache} from "./byte-cache.ts";

/** True where the bytes from `at` on are this ASCII text. */
export function isText(bytes: Uint8Array, at: number, end: number, text: string): boolean {
  if (end - at < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Where the line that begins at `at` ends (its line feed), -1 where no line feed is among the bytes. */
export const lineEnd = (bytes: Uint8Array, at: number, end: number): number => indexOf(bytes, 10, at, end);

/** Where the byte first stands in `at .. end`, -1 where it does not. `Uint8Array.indexOf` would search all packets. */
export function indexOf(bytes: Uint8Array, byte: number, at: number, end: number): number {
  for (let i = at; i < end; i++) if (bytes[i] === byte) return i;
  return -1;
}

/** Texts seen before: header fields, host names and banners come again and again. */
const texts = new ByteCache<string>(1 << 14, 128);

/**
 * The bytes as text: UTF-8, anything else as U+FFFD, and so is NUL, which not every database takes. At most `limit`
 * bytes are kept.
 */
export function text(bytes: Uint8Array, start: number, end: number, limit = 1024): string {
  const last = end > start + limit ? start + limit : end;
  return texts.get(bytes, start, last) ?? texts.keep(bytes, start, last, decoded(bytes, start, last));
}

function decoded(bytes: Uint8Array, start: number, end: number): string {
  if (bytes !== viewed || bytes.buffer !== view.buffer) {
    viewed = bytes;
    view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  const written = view.toString("utf8", start, end);
  return written.includes("\0") ? written.replaceAll("\0", "\ufffd") : written;
}

// Payloads of many packets are in one array, and making a view costs more than most texts.
let viewed: Uint8Array | null = null;
let view: Buffer = Buffer.alloc(0);

/** Lets go of the packets' memory, so that it can be freed with its meter; to be called after each batch. */
export function releaseView(): void {
  viewed = null;
  view = Buffer.alloc(0);
}

/** No bytes: making an empty array anew costs like a full one. */
export const noBytes: Uint8Array = new Uint8Array(0);

/** Two runs of bytes as one. */
export function joined(first: Uint8Array, bytes: Uint8Array, start: number, end: number): Uint8Array {
  const both = new Uint8Array(first.length + end - start);
  both.set(first);
  both.set(bytes.subarray(start, end), first.length);
  return both;
}

/** A copy of the bytes, which will outlive the packet. */
export const kept = (bytes: Uint8Array, start: number, end: number): Uint8Array =>
  start >= end ? noBytes : bytes.slice(start, end);

/** Big-endian 16 bits. */
export const uint16 = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1];

/** Big-endian 32 bits. */
export const uint32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
