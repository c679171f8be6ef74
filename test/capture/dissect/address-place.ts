import type {AddressPlace} from "../../../capture/meter/meter.ts";

/** Bytes of an address: of IPv4 in dotted decimal, of IPv6 with all its digits. */
export const addressBytes = (text: string): Uint8Array =>
  text.includes(":") ? Buffer.from(text.replaceAll(":", ""), "hex") : Uint8Array.from(text.split("."), Number);

/** An address as the meter tells it, among others. */
export function addressPlace(text: string): AddressPlace {
  const bytes = addressBytes(text);
  const words = new Int32Array(6).fill(-1);
  new Uint8Array(words.buffer).set(bytes, 4);
  return {words, at: 1, version: bytes.length === 4 ? 4 : 6};
}
