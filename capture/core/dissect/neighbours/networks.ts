import {writeAddressText} from "../../encoder/address-text";
import {appendNumber} from "../text";
import {endText, NETWORKS, said, TEXT_BYTES, textLength, textPlace} from "./announcement";

/** Networks that a router announces in one message: the first ones as text, all of them by number. */

/** Networks that are written. */
const MOST_WRITTEN: f64 = 8;
/** An IPv6 address, its length and a blank. */
const LONGEST: usize = 46;
/** The length of a network that the message does not name one of. */
export const NO_LENGTH: u32 = 255;

const address = memory.data(16);

/** The message may announce networks; none so far. */
export function beginNetworks(): void {
  said.prefixes = said.withdrawn = 0;
}

/**
 * Takes the network of `bits` whose first `bytes` stand at `at`; `version`: 4 or 6. False where there is no such network.
 */
export function announceNetwork(at: usize, bytes: usize, version: u8, bits: u32): bool {
  const isKnown = bits !== NO_LENGTH;
  if (isKnown && bits > (version === 4 ? 32 : 128)) return false;
  memory.fill(address, 0, 16);
  memory.copy(address, at, min(bytes, version === 4 ? 4 : 16));
  const isDefault = load<u64>(address) === 0 && load<u64>(address, 8) === 0 && (!isKnown || bits === 0);
  said.defaultRoute = isDefault || said.defaultRoute === 1 ? 1 : 0;
  const used = <usize>textLength(said, NETWORKS);
  if (said.prefixes++ >= MOST_WRITTEN || used + LONGEST > TEXT_BYTES) return true;
  let to = textPlace(said, NETWORKS) + used;
  if (used > 0) store<u8>(to++, 0x20);
  to = writeAddressText(address, version, to);
  if (isKnown || isDefault) {
    store<u8>(to++, 0x2f);
    to = appendNumber(isDefault ? 0 : bits, to);
  }
  endText(NETWORKS, to);
  return true;
}

/** The length that a mask of IPv4 says: its bits that are set. */
export function maskBits(mask: u32): u32 {
  return <u32>popcnt(mask);
}
