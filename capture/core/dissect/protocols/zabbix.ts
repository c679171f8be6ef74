import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Zabbix by the header of its messages: `ZBXD` and flags (Zabbix documentation, header and data length). */
export function recogniseZabbix(_event: Event, start: usize, end: usize): bool {
  const flags = load<u8>(start, 4);
  return start + 13 <= end && isText(start, end, "ZBXD") && flags >= 1 && flags <= 7;
}

/** Whether it may begin with that byte. */
export function beginsZabbix(byte: u8): bool {
  return byte === 0x5a;
}
