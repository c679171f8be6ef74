import {isTextAnyCase} from "../text";

/** What a terminal's line says of a login: questions, refusals, and the prompt of a shell. */

/** Whether a line ends by asking for a user's name. */
export function asksForUser(start: usize, end: usize): bool {
  const last = questionEnd(start, end);
  return last !== 0 && (hasWord(start, last, "LOGIN") || hasWord(start, last, "USER"));
}

/** Whether a line ends by asking for a password. */
export function asksForPassword(start: usize, end: usize): bool {
  const last = questionEnd(start, end);
  return last !== 0 && (hasWord(start, last, "PASSWORD") || hasWord(start, last, "PASSCODE"));
}

/** Whether a line refuses; one that tells of refusals before ("Last failed login") lets somebody in. */
export function refuses(start: usize, end: usize): bool {
  if (hasWord(start, end, "LAST")) return false;
  return hasWord(start, end, "INCORRECT") || hasWord(start, end, "INVALID") || hasWord(start, end, "FAIL") || hasWord(start, end, "DENIED") || hasWord(start, end, "WRONG") || hasWord(start, end, "BAD PASS") || hasWord(start, end, "REFUSED") || hasWord(start, end, "LOCKED");
}

/** Whether a line ends with what shells of Unix, Windows and routers wait behind. */
export function isPrompt(start: usize, end: usize): bool {
  const last = trimmed(start, end);
  if (last === start) return false;
  const byte = load<u8>(last - 1);
  return byte === 0x24 || byte === 0x23 || byte === 0x3e || (byte === 0x25 && last - start > 1);
}

/** Where a question's colon stands; 0 where the line does not end with one. */
function questionEnd(start: usize, end: usize): usize {
  const last = trimmed(start, end);
  return last > start && load<u8>(last - 1) === 0x3a ? last : 0;
}

function trimmed(start: usize, end: usize): usize {
  while (end > start && load<u8>(end - 1) === 0x20) end--;
  return end;
}

/** Whether the word, in upper case, is within the line. */
function hasWord(start: usize, end: usize, word: string): bool {
  for (let at = start; at + <usize>word.length <= end; at++) if (isTextAnyCase(at, end, word)) return true;
  return false;
}
