import {Event} from "../../meter/layout";
import {hasText, isText} from "../text";
import {isDigit} from "../parsers/http/http-values";
import {isBotNick} from "./bot-nick";

/** Largest stage of Meterpreter that is taken for one, and smallest. */
const STAGE_MOST: u32 = 4_000_000;
const STAGE_LEAST: u32 = 50_000;

/**
 * Tools of remote access that no administrator installs, by the messages they begin with: Gh0st and its descendants, njRAT,
 * Remcos without its encryption, RedLine, Xtreme, Turkojan, DarkComet, Bashlite, STRRAT, NetWire, Revenge, bots of IRC by their
 * nicks, and the stage that Metasploit's handler, or whoever comes to one that listens, sends Meterpreter.
 */
export function recogniseRemoteAccessTool(event: Event, start: usize, end: usize): bool {
  if (start + 8 > end) return false;
  return (
    isGh0st(start, end) ||
    isNjrat(start, end) ||
    isStage(start, end) ||
    isNetWire(event, start, end) ||
    isBotNick(start, end) ||
    isRedLine(event, start, end) ||
    isDarkComet(event, start, end) ||
    isBashlite(event, start, end) ||
    (load<u32>(start) === 0x00ff0424 && start + 8 + load<u32>(start, 4) === end) ||
    isText(start, end, "myversion|") ||
    isText(start, end, "ping|STRRAT|") ||
    (isText(start, end, "Information") && hasText(start, end, "REVENGE-RAT")) ||
    isText(start, end, "ANABILGI|")
  );
}

/** Five letters, the length of the message, its length unpacked, and a zlib stream. */
function isGh0st(start: usize, end: usize): bool {
  if (start + 16 > end || load<u16>(start, 13) !== 0x9c78) return false;
  for (let i: usize = 0; i < 5; i++) if (load<u8>(start + i) - 0x21 > 0x5d) return false;
  const length = load<u32>(start, 5);
  const unpacked = load<u32>(start, 9);
  return start + length >= end && length < 0x1000000 && unpacked > 0 && unpacked < 0x1000000;
}

/** `lv|'|'|`, `ll|'|'|`; later ones begin with the length in digits and a zero. */
function isNjrat(start: usize, end: usize): bool {
  let at = start;
  while (at < end && at < start + 6 && isDigit(load<u8>(at))) at++;
  if (at > start) {
    if (at === end || load<u8>(at) !== 0) return false;
    at++;
  }
  return at + 7 <= end && isText(at + 2, end, "|'|'|") && load<u8>(at) === 0x6c;
}

/** What the host connected to greets with six encrypted bytes, `IDTYPE`, in capital hexadecimal digits, and with nothing else. */
function isDarkComet(event: Event, start: usize, end: usize): bool {
  if (event.direction !== 1 || end - start !== 12) return false;
  let letters = 0;
  for (let at = start; at < end; at++) {
    const byte = load<u8>(at);
    if (isDigit(byte)) continue;
    if (byte < 0x41 || byte > 0x46) return false;
    letters++;
  }
  return letters > 0;
}

/** `BUILD` and the processor it was built for, in a line of its own, perhaps coloured: what a bot of Bashlite (Gafgyt) says first. */
function isBashlite(event: Event, start: usize, end: usize): bool {
  if (event.direction !== 0 || end - start > 80 || load<u8>(end - 1) !== 0x0a) return false;
  let at = start;
  while (at + 2 < end && load<u16>(at) === 0x5b1b) {
    while (at < end && load<u8>(at) !== 0x6d) at++;
    at++;
  }
  return isText(at, end, "BUILD ");
}

/** The first message of NetWire: 65 bytes behind their length, the kind of message (3, later 0x99) and a key of 32 bytes and a seed of 16. */
function isNetWire(event: Event, start: usize, end: usize): bool {
  if (event.direction !== 0 || end - start !== 69 || load<u32>(start) !== 0x41) return false;
  return load<u8>(start, 4) === 0x99 || load<u8>(start, 4) === 0x03;
}

/**
 * RedLine's first message: .NET's framing, in both directions, to the root of an address and its port; programs of firms name
 * a service below a host's name ([MC-NMF] 2.2.3).
 */
function isRedLine(event: Event, start: usize, end: usize): bool {
  if (event.direction !== 0 || end - start < 20) return false;
  if (load<u32>(start) !== 0x01000100 || load<u16>(start, 4) !== 0x0202) return false;
  const last = start + 7 + <usize>load<u8>(start, 6);
  if (load<u8>(start, 6) > 40 || last > end || !isText(start + 7, end, "net.tcp://")) return false;
  if (load<u8>(last - 1) !== 0x2f) return false;
  for (let at = start + 17; at < last - 1; at++) {
    const byte = load<u8>(at);
    if (!isDigit(byte) && byte !== 0x2e && byte !== 0x3a) return false;
  }
  return true;
}

/** A length and a library of Windows so long. */
function isStage(start: usize, end: usize): bool {
  const length = load<u32>(start);
  return length >= STAGE_LEAST && length <= STAGE_MOST && isText(start + 4, end, "MZ") && start + 64 <= end;
}

/** Whether it may begin with that byte: a stage's length with any. */
export function beginsRemoteAccessTool(_byte: u8): bool {
  return true;
}
