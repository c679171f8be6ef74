import {isText, lineEnd} from "../text";

/** Systems by which bots of IRC call themselves, between bars or brackets: `[USA|XP|00|SP2|68240]`, `{DE|W7a}xk`. */
const SYSTEMS: StaticArray<string> = ["XP", "W7", "W8", "W10", "WIN", "2K", "2K3", "VIS", "LNX", "X86"];

/** A nick of IRC with a system behind or before a bar, and a digit or a bracket more: no person is called so. */
export function isBotNick(start: usize, end: usize): bool {
  let at = isText(start, end, "PASS ") ? lineEnd(start, end) : start;
  if (at === 0) return false;
  while (at < end && load<u8>(at) <= 0x20) at++;
  if (!isText(at, end, "NICK ")) return false;
  at += 5;
  const last = min(end, at + 40);
  let bars = 0;
  let brackets = 0;
  let hasSystem = false;
  for (; at < last && load<u8>(at) > 0x20; at++) {
    const byte = load<u8>(at);
    if (byte === 0x5b || byte === 0x7b) brackets++;
    if (byte === 0x7c) bars++;
    if (byte !== 0x7c && byte !== 0x5b && byte !== 0x7b) continue;
    for (let i = 0; i < SYSTEMS.length; i++) if (isText(at + 1, last, SYSTEMS[i])) hasSystem = true;
  }
  return hasSystem && bars > 0 && bars + brackets > 1;
}
