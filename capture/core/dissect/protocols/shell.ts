import {Event} from "../../meter/layout";
import {hasText, isText, lineEnd} from "../text";
import {isDigit} from "../parsers/http/http-values";

/**
 * A command shell on a plain connection, as nc and exploits leave one behind (bind or reverse): by what an interpreter
 * says first, or by a first line that is a command.
 */
export function recogniseShell(_event: Event, start: usize, end: usize): bool {
  while (start < end && (load<u8>(start) === 0x0a || load<u8>(start) === 0x0d)) start++;
  if (start + 5 > end) return false;
  switch (load<u8>(start)) {
    case 0x4d: // Windows' interpreter; the words before the version differ with the release.
      return isText(start, end, "Microsoft Windows ") && hasText(start, min(end, start + 48), "[VERSION ");
    case 0x57:
      return isText(start, end, "Windows PowerShell\r\n");
    case 0x50:
      return isText(start, end, "PS C:\\");
    case 0x62:
      return isText(start, end, "bash: no job control in this shell") || isText(start, end, "bash: cannot set terminal process group");
    case 0x2f:
      return isText(start, end, "/bin/sh: 0: can't access tty;") || isText(start, end, "/bin/bash: no job control");
    case 0x73:
      return isText(start, end, "sh: no job control in this shell") || isText(start, end, "sh: can't access tty;") || isPrompt(start, end);
    case 0x6e:
      return isText(start, end, "nt authority\\system");
    case 0x77:
      return isLine(start, end, "whoami");
    case 0x69:
      return isLine(start, end, "ipconfig") || isLine(start, end, "ifconfig") || isLine(start, end, "ipconfig /all");
    case 0x63:
      return isLine(start, end, "cat /etc/passwd") || isLine(start, end, "cat /etc/shadow");
    case 0x75:
      return isLine(start, end, "uname -a") || isUser(start, end);
    case 0x4c: // What a page in PHP that opens a shell runs first: `uname -a; w; id; sh -i`.
      return isText(start, end, "Linux ") && (hasText(start, end, "UID=") || hasText(start, end, "JOB CONTROL TURNED OFF"));
  }
  return false;
}

/** Whether the bytes begin with a line that is the text. */
function isLine(start: usize, end: usize, text: string): bool {
  if (!isText(start, end, text)) return false;
  const last = lineEnd(start, end);
  const rest = last - start - text.length;
  return last !== 0 && (rest === 0 || (rest === 1 && load<u8>(last - 1) === 0x0d));
}

/** The prompt of a shell without a terminal: `sh-5.1$ `, `sh-4.2# `. */
function isPrompt(start: usize, end: usize): bool {
  if (start + 8 > end || !isText(start, end, "sh-") || !isDigit(load<u8>(start, 3))) return false;
  const sign = load<u8>(start, 6);
  return load<u8>(start, 4) === 0x2e && isDigit(load<u8>(start, 5)) && (sign === 0x24 || sign === 0x23) && load<u8>(start, 7) === 0x20;
}

/** What `id` answers: `uid=0(root) gid=…`. */
function isUser(start: usize, end: usize): bool {
  return isText(start, end, "uid=") && isDigit(load<u8>(start, 4)) && hasText(start, min(end, start + 64), ") GID=");
}

/** Whether it may begin with that byte. */
export function beginsShell(byte: u8): bool {
  return (
    byte === 0x0a || byte === 0x0d || byte === 0x4d || byte === 0x57 || byte === 0x50 || byte === 0x62 || byte === 0x2f ||
    byte === 0x73 || byte === 0x6e || byte === 0x77 || byte === 0x69 || byte === 0x63 || byte === 0x75 || byte === 0x4c
  );
}
