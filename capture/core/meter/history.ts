import {Direction, Flow, HISTORY, HISTORY_CAPACITY} from "./layout";

/** Zeek's history: a letter for what happened, upper case by the originator, most of them written once a direction. */

export const SEEN_SYN: u8 = 1;
export const SEEN_FIN: u8 = 2;
export const SEEN_RST: u8 = 4;
export const SEEN_DATA: u8 = 8;
export const SEEN_ACK: u8 = 16;
export const SEEN_FIN_RST: u8 = 32;
export const SEEN_MULTI: u8 = 64;
/** No letter: an acknowledgment number (sequence.ts). */
export const SEEN_ACK_NUMBER: u8 = 128;

/** Appends a letter; the text stops growing at its capacity. */
// @ts-ignore: decorator
@inline
export function addLetter(flow: Flow, letter: u8, side: u32): void {
  if (flow.historyLength >= <u8>HISTORY_CAPACITY) return;
  store<u8>(changetype<usize>(flow) + HISTORY + flow.historyLength, side === 0 ? letter : letter | 0x20);
  flow.historyLength++;
}

/** Appends a letter unless this side has it already; true where it had. */
// @ts-ignore: decorator
@inline
export function addOnce(flow: Flow, direction: Direction, bit: u8, letter: u8, side: u32): bool {
  if ((direction.seen & bit) !== 0) return true;
  direction.seen |= bit;
  addLetter(flow, letter, side);
  return false;
}

/** Appends a letter at the first, tenth, hundredth … time. */
export function addScaled(flow: Flow, count: u32, letter: u8, side: u32): void {
  let power: u32 = 1;
  while (power < count && power < 1000000000) power *= 10;
  if (power === count) addLetter(flow, letter, side);
}

export function addFlip(flow: Flow): void {
  if (flow.historyLength >= <u8>HISTORY_CAPACITY) return;
  store<u8>(changetype<usize>(flow) + HISTORY + flow.historyLength, 0x5e);
  flow.historyLength++;
}

/** Puts two letters in place of all. */
export function restartHistory(flow: Flow, first: u8, second: u8): void {
  const text = changetype<usize>(flow) + HISTORY;
  store<u8>(text, first);
  store<u8>(text, second, 1);
  flow.historyLength = 2;
}

export function historyIs(flow: Flow, letter: u8): bool {
  return flow.historyLength === 1 && load<u8>(changetype<usize>(flow) + HISTORY) === letter;
}
