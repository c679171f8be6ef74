import {isDigit} from "../http/http-values";
import {hasText, isText, isTextAnyCase} from "../../text";
import {SIGN_BYTES} from "./attack-sign";

/** What the first bytes of an HTTP response show of an attack: the output of a command, or code that runs by itself. */

/**
 * `output` for what a command or a file of secrets gives, `script` for a script that runs programs unseen, `program` for a
 * program of Windows in Base64 or under an XOR key, `archive` for one whose first entry is a script; empty for none.
 */
export function answerSignOf(start: usize, end: usize): string {
  const last = min(end, start + SIGN_BYTES);
  if (isScriptArchive(start, last)) return "archive";
  if (isHiddenProgram(start, last)) return "program";
  let isScript = beginsCommands(start, last) && isDropper(start, last);
  for (let at = start; at < last; at++) {
    const sign = signAt(at, last);
    if (sign === "output") return sign;
    if (sign.length > 0) isScript = true;
  }
  return isScript ? "script" : "";
}

/** The kind of the word at `at`; empty where none begins there. */
function signAt(at: usize, end: usize): string {
  switch (load<u8>(at) | 0x20) {
    case 0x75: // u
      return isUser(at, end) ? "output" : "";
    case 0x72: // r
      return isText(at, end, "root:x:0:0:") || isText(at, end, "root:$6$") || isText(at, end, "root:$y$") || isText(at, end, "root:$1$") ? "output" : "";
    case 0x77: // w
      if (isText(at, end, "Windows IP Configuration\r\n") || isText(at, end, "Windows IP Configuration\n")) return "output";
      return isTextAnyCase(at, end, "WINDOWSTYLE HIDDEN") || isTextAnyCase(at, end, "WSCRIPT.SHELL\"") ? "script" : "";
    case 0x76: // v
      return isText(at, end, "Volume Serial Number is ") ? "output" : "";
    case 0x3b: // ;
      return isText(at, end, "; for 16-bit app support") ? "output" : "";
    case 0x7b: // [ or {
      if (isText(at, end, "[boot loader]")) return "output";
      if (isTextAnyCase(at, end, "[CONVERT]::FROMBASE64STRING(") || isTextAnyCase(at, end, "[SYSTEM.CONVERT]::FROMBASE64STRING(")) return "script";
      return isTextAnyCase(at, end, "[REFLECTION.ASSEMBLY]::LOAD(") || isTextAnyCase(at, end, "[SYSTEM.REFLECTION.ASSEMBLY]::LOAD(") ? "script" : "";
    case 0x6e: // n
      return isText(at, end, "nt authority\\system") ? "output" : "";
    case 0x2d: // -
      if (isTextAnyCase(at, end, "-W HIDDEN") || isTextAnyCase(at, end, "-WINDOW HIDDEN")) return "script";
      return isTextAnyCase(at, end, "-ENCODEDCOMMAND ") ? "script" : "";
    case 0x3c: // <
      return isTextAnyCase(at, end, "<HTA:APPLICATION") || isTextAnyCase(at, end, "<MLET ") ? "script" : "";
    case 0x6a: // j: a bean of Spring that starts a program
      return isText(at, end, "java.lang.ProcessBuilder") ? "script" : "";
    case 0x69: // i
      return isTextAnyCase(at, end, "IEX (NEW-OBJECT ") || isTextAnyCase(at, end, "IEX(NEW-OBJECT ") || isTextAnyCase(at, end, "IEX ((NEW-OBJECT ") ? "script" : "";
  }
  return "";
}

/** What `id` prints: `uid=33(www-data) gid=33(www-data)`. */
function isUser(at: usize, end: usize): bool {
  if (!isText(at, end, "uid=") || at + 5 > end || !isDigit(load<u8>(at, 4))) return false;
  return hasText(at, min(end, at + 64), ") GID=");
}

/** A script for a shell, or commands without its first line. */
function beginsCommands(start: usize, end: usize): bool {
  return isText(start, end, "#!") || isText(start, end, "cd /") || isText(start, end, "wget ") || isText(start, end, "curl ") || isText(start, end, "rm -") ||
    isText(start, end, "export PATH=") || isText(start, end, "ulimit ") || isText(start, end, "pkill ") || isText(start, end, "killall ") || isText(start, end, "for ") ||
    isText(start, end, "nohup ") || isText(start, end, "setenforce ") || isText(start, end, "/bin/busybox ");
}

/** A script for a shell that fetches programs and makes them run. */
function isDropper(start: usize, end: usize): bool {
  const fetches = hasText(start, end, "WGET ") || hasText(start, end, "CURL ") || hasText(start, end, "TFTP ");
  return fetches && (hasText(start, end, "CHMOD ") || hasText(start, end, "/TMP")) && hasText(start, end, "://");
}

/** A program of Windows as text, or with a key of up to 16 bytes over it: where its header has zeros the key shows. */
function isHiddenProgram(start: usize, end: usize): bool {
  let at = start;
  if (isText(at, end, "-----BEGIN CERTIFICATE-----")) {
    at += 27;
    while (at < end && load<u8>(at) <= 0x20) at++;
  }
  if (isText(at, end, "TVqQAAMAAAA") || isText(at, end, "TVoAAAAAAAA") || isText(at, end, "TVpQAAIAAAA") || isTextAnyCase(at, end, "4D5A90000300000004")) return true;
  return isXored(start, end);
}

/** The header's reserved words (offsets 28 to 59 of IMAGE_DOS_HEADER) are zeros. */
const ZEROS: usize = 28;
const ZEROS_END: usize = 60;

function isXored(start: usize, end: usize): bool {
  if (end - start < 512) return false;
  const first = load<u8>(start) ^ 0x4d;
  const second = load<u8>(start, 1) ^ 0x5a;
  for (let length: usize = 1; length <= 16; length++) {
    // The key's byte at an offset is that of the zeros at an offset congruent to it.
    const place = ZEROS + ((length - (ZEROS % length)) % length);
    if (load<u8>(start + place) !== first || load<u8>(start + place + (length === 1 ? 0 : 1)) !== second) continue;
    let at = ZEROS + length;
    while (at < ZEROS_END && load<u8>(start + at) === load<u8>(start + at - length)) at++;
    if (at < ZEROS_END || (first === 0 && isZero(start, length))) continue;
    // Where the new header stands: behind this one, and not far.
    let offset: u32 = 0;
    for (let i: usize = 0; i < 4; i++) offset |= <u32>(load<u8>(start + 60 + i) ^ load<u8>(start + place + ((60 + i) % length))) << <u32>(i << 3);
    return offset >= 64 && offset < 4096;
  }
  return false;
}

/** No key at all: a program in the clear. */
function isZero(start: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i++) if (load<u8>(start + ZEROS + i) !== 0) return false;
  return true;
}

/** A ZIP archive whose first entry, in no folder, is a script, a shortcut or a screen saver (APPNOTE §4.3.7). */
function isScriptArchive(start: usize, end: usize): bool {
  if (start + 34 > end || !isText(start, end, "PK\x03\x04")) return false;
  const length = <usize>load<u16>(start, 26);
  const name = start + 30;
  if (length < 4 || name + length > end) return false;
  let dot: usize = 0;
  for (let at = name; at < name + length; at++) {
    if (load<u8>(at) === 0x2f) return false;
    if (load<u8>(at) === 0x2e) dot = at;
  }
  if (dot === 0) return false;
  const last = name + length;
  const size = last - dot;
  if (size === 3) return isTextAnyCase(dot, last, ".JS");
  if (size !== 4) return false;
  return isTextAnyCase(dot, last, ".JSE") || isTextAnyCase(dot, last, ".VBS") || isTextAnyCase(dot, last, ".VBE") || isTextAnyCase(dot, last, ".WSF") ||
    isTextAnyCase(dot, last, ".HTA") || isTextAnyCase(dot, last, ".LNK") || isTextAnyCase(dot, last, ".SCR") || isTextAnyCase(dot, last, ".PIF");
}
