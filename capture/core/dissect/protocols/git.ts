import {Event} from "../../meter/layout";
import {isText} from "../text";
import {hexValue} from "../parsers/http/http-values";

/** Git's own transport by a client's first line: its length in four hexadecimal digits, and a service (gitprotocol-pack). */
export function recogniseGit(_event: Event, start: usize, end: usize): bool {
  if (start + 8 > end) return false;
  for (let at = start; at < start + 4; at++) if (hexValue(load<u8>(at)) > 15) return false;
  return isText(start + 4, end, "git-upload-pack /") || isText(start + 4, end, "git-receive-pack /") || isText(start + 4, end, "git-upload-archive /");
}

/** Whether it may begin with that byte. */
export function beginsGit(byte: u8): bool {
  return byte === 0x30;
}
