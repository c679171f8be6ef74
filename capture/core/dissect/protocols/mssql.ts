import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Microsoft SQL Server by the PRELOGIN that a TDS client begins with ([MS-TDS] §2.2.6.5). */
export function recogniseMssql(_event: Event, start: usize, end: usize): bool {
  const length = <u32>(end - start);
  if (length < 14 || load<u8>(start, 1) > 1 || u16At(start + 2) !== length || load<u8>(start, 7) !== 0) return false;
  // The first option is the version: token 0, behind the list of options, six bytes long.
  return load<u8>(start, 8) === 0 && u16At(start + 11) === 6 && u16At(start + 9) + 8 + 6 <= length;
}

/** Whether it may begin with that byte. */
export function beginsMssql(byte: u8): bool {
  return byte === 0x12;
}
