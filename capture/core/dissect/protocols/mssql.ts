import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Microsoft SQL Server by the PRELOGIN that a TDS client begins with, or the server's answer ([MS-TDS] §2.2.6.5). */
export function recogniseMssql(event: Event, start: usize, end: usize): bool {
  if ((load<u8>(start) === 0x04) !== (event.direction === 1)) return false;
  const length = <u32>(end - start);
  if (length < 14 || load<u8>(start, 1) > 1 || u16At(start + 2) !== length || load<u8>(start, 7) !== 0) return false;
  // The first option is the version: token 0, behind the list of options, six bytes long.
  return load<u8>(start, 8) === 0 && u16At(start + 11) === 6 && u16At(start + 9) + 8 + 6 <= length;
}

/** Whether it may begin with that byte. */
export function beginsMssql(byte: u8): bool {
  return byte === 0x12 || byte === 0x04;
}
