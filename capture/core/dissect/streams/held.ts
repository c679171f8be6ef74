/** Bytes that flows together hold while they wait for more, and what was met and given up. */

let limit: i32 = 0;
let used: i32 = 0;
let malformed: f64 = 0;
let givenUp: f64 = 0;
let unreadFlows: f64 = 0;
let gaps: f64 = 0;
let cut: f64 = 0;

export function openHeld(maxHeldBytes: i32): void {
  limit = maxHeldBytes;
  used = 0;
  malformed = givenUp = unreadFlows = gaps = cut = 0;
}

/** False where the bytes would pass the limit; else they are held until they are returned. */
export function reserveHeld(bytes: i32): bool {
  if (bytes > limit - used) return false;
  used += bytes;
  return true;
}

export function releaseHeld(bytes: i32): void {
  used -= bytes;
}

export function heldBytes(): i32 {
  return used;
}

/** A message of a recognised protocol that contradicts itself. */
export function countMalformed(): void {
  malformed++;
}

/** Bytes waiting for others had to be given up. */
export function countGivenUp(): void {
  givenUp++;
}

/** A flow was recognised but not read, as too many were being read. */
export function countUnread(): void {
  unreadFlows++;
}

/** Bytes of a direction that never came, in one stretch. */
export function countGap(): void {
  gaps++;
}

/** A text was longer than what is kept of it. */
export function countCut(): void {
  cut++;
}

/** 0 malformed, 1 given up, 2 unread flows, 3 gaps, 4 cut texts. */
export function counter(number: i32): f64 {
  return number === 0 ? malformed : number === 1 ? givenUp : number === 2 ? unreadFlows : number === 3 ? gaps : cut;
}
