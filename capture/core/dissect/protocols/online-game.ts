import {u16At, u32At} from "../../meter/bytes";
import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {hasText, isText} from "../text";

/** Games on line by what opens their sessions; each is little traffic, and the name tells the kind. */
export function recogniseOnlineGame(event: Event, start: usize, end: usize): bool {
  const length = end - start;
  if (event.proto === TCP) return length >= 10 && isOverTcp(event, start, end, length);
  return length >= 12 && (isOverUdp(start, end, length) || isByPort(event, start, end, length));
}

function isOverTcp(event: Event, start: usize, end: usize, length: usize): bool {
  // StarCraft II: a client's first message.
  if (u32At(start) === 0x4a00000a || u32At(start) === 0x4900000a) return u32At(start + 4) === 0x66020aed && u16At(start + 8) === 0x2d66;
  if (length < 16) return false;
  // MapleStory: a greeting of one of its versions.
  if (length === 16 && u16At(start) === 0x0e00 && u16At(start + 4) === 0x0100) return (load<u8>(start, 2) === 0x3a || load<u8>(start, 2) === 0x3b || load<u8>(start, 2) === 0x42) && (load<u8>(start, 6) | 1) === 0x33;
  // Guild Wars.
  if (length === 64 && u16At(start + 1) === 0x050c) return isText(start + 50, end, "@2&P");
  // World of Warcraft: the client's greeting behind its length, or a challenge to log on.
  if (length >= 50 && isText(start + 2, end, "WORLD OF WARCRAFT CONNECTION")) return true;
  if (event.destinationPort === 3724 && length > 30 && length < 90 && load<u8>(start) === 0) return isText(start + 4, end, "WoW\0") || isText(start + 5, end, "WoW\0");
  // Path of Exile: a name between fixed fields.
  if (length > 25 && length < 50 && load<u32>(end - 4) === 0x01000040 && load<u32>(end - 8) === 0) return load<u8>(start) === 0 && u16At(start + 1) === 0x300 && u16At(start + 7) === 0x200;
  if (length > 50 && isTencent(start, length)) return true;
  // Genshin Impact: its own length, and a word in the same place.
  if (length >= 18 && load<u8>(start) === 1 && <usize>u32At(start + 1) === length && u16At(start + 16) === 0x4da6) return true;
  // The Elder Scrolls: the length, and who issues tickets.
  if (length >= 600 && <usize>u32At(start) === length - 4) return hasText(start + 4, min(start + 1400, end), "ESO.LIVE");
  return isWarcraft(start, end);
}

function isOverUdp(start: usize, end: usize, length: usize): bool {
  const first = u32At(start);
  // Among Us.
  if (first === 0x08000100) return u32At(start + 4) === 0x80d90203;
  // Genshin Impact and its kin: the handshake before KCP.
  if (first === 0xff) return length >= 20 && u32At(start + 4) === 0 && u32At(start + 12) === 0x499602d2 && u32At(start + 16) === 0xffffffff;
  // Armagetron: a log-in.
  if (first === 0x000b0000) return length > 10 && (<usize>u16At(start + 4) << 1) + 8 === length && u16At(start + 6) === 8 && u16At(end - 2) === 0;
  // NetEase.
  if (first === 0xb3af8de8) return length >= 30;
  if (length === 12 && load<u8>(start) === 1 && load<u16>(start, 2) === 0x1d0 && load<u32>(start, 8) === 0x01010100) return true;
  // Riot: marks at a packet's end, or the messages of Wild Rift.
  if (u32At(end - 8) === 0xaaaaaaaa && u32At(end - 4) === 0xbbbbbbbb) return true;
  if (length === 53 && u32At(end - 4) === 0xea23460c && u32At(end - 8) === 0x3cb11f2d) return true;
  if (length === 22 && first === 0x0102c841) return u32At(end - 4) === 0x41304231;
  // Xbox: a kind, its letter, and zeros.
  if (first === 0 && load<u8>(start, 5) === 0x58 && u16At(start + 7) === 0 && load<u8>(start, 9) === 0) {
    const kind = u16At(start + 4) & 0xff00 | <u32>load<u8>(start, 6);
    return kind === 0x0c76 || kind === 0x0218 || kind === 0x0b80 || kind === 0x0340 || kind === 0x064e;
  }
  // CrossFire.
  if (first === 0xc7d91999) return length === 25 && u16At(start + 4) === 0x0200 && u16At(start + 22) === 0x7d00;
  // CryEngine's network: its length, and three fixed places.
  if (length === 70 && load<u8>(start) === 0x3c) return load<u8>(start, 16) === 1 && load<u8>(start, 20) === 7 && u16At(start + 24) === 0x0307;
  // Gaijin: what its programs tell of themselves.
  if (length > 100 && (isText(start, end, "embeddedupdater.") || isText(start, end, "app.start") || isText(start, end, "app.stage"))) return true;
  return length > 50 && isTencent(start, length);
}

/** Those whose few fixed bytes say enough on their ports alone. */
function isByPort(event: Event, start: usize, end: usize, length: usize): bool {
  // Call of Duty Mobile.
  if (event.destinationPort === 7500 || event.sourcePort === 7500) return length === 12 && isText(start + 8, end, "ping");
  if (!isBlizzard(event.destinationPort) && !isBlizzard(event.sourcePort)) return false;
  // Heroes of the Storm.
  if (length < 20 || length > 122 || u16At(start + 14) !== 0x4000) return false;
  const kind = u16At(start + 2);
  return kind === 0x0300 || kind === 0x3400 || (load<u64>(start) === 0 && load<u64>(start, 6) === 0);
}

// @ts-ignore: decorator
@inline
function isBlizzard(port: i32): bool {
  return port === 1119 || port === 1120 || port === 3724 || port === 6113;
}

/** Tencent's games. */
function isTencent(start: usize, length: usize): bool {
  const first = u32At(start);
  if (first === 0x3366000b) return u16At(start + 4) === 0x0b;
  if (first === 0x4366aa00) return u32At(start + 12) === 0x10e68601;
  if (first === 0xaa000000) return u32At(start + 10) === 0x10e68601;
  if (first === 0x4215f787) return u16At(start + 6) === 0;
  return u16At(start) === 0 && <usize>u16At(start + 2) === length - 4 && u16At(start + 4) === 0x7801;
}

/** Warcraft III: messages that each have the mark 0xf7, a kind, and their length, up to the end; the first one greets or lists. */
function isWarcraft(start: usize, end: usize): bool {
  if (load<u8>(start) !== 0xf7) return false;
  let at = start;
  while (at + 4 <= end && load<u8>(at) === 0xf7 && load<u16>(at, 2) >= 4) at += <usize>load<u16>(at, 2);
  return at === end;
}
