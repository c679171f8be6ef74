import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {hasText} from "../text";

/** iSCSI by a login request or its answer, whose text has keys and values (RFC 7143 §11.12). */
export function recogniseIscsi(_event: Event, start: usize, end: usize): bool {
  const operation = load<u8>(start) & 0x3f;
  if (start + 52 > end || (operation !== 3 && operation !== 0x23) || load<u8>(start, 2) > 1) return false;
  const text = <usize>(u32At(start + 4) & 0xffffff);
  return text > 0 && (hasText(start + 48, end, "INITIATORNAME=") || hasText(start + 48, end, "TARGETPORTALGROUPTAG=") || hasText(start + 48, end, "AUTHMETHOD="));
}

/** Whether it may begin with that byte. */
export function beginsIscsi(byte: u8): bool {
  return byte === 0x43 || byte === 3 || byte === 0x23;
}
