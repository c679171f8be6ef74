import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** PostgreSQL by its startup, TLS or cancel request (PostgreSQL documentation, Message Formats); TLS may follow. */
export function recognisePostgresql(_event: Event, start: usize, end: usize): bool {
  const length = u32At(start);
  if (length !== <u32>(end - start) || length < 8) return false;
  const code = u32At(start + 4);
  if (length === 8) return code === 80877103 || code === 80877104;
  return (code === 80877102 && length === 16) || (code === 0x30000 && length >= 13 && load<u8>(end - 1) === 0);
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsPostgresql(byte: u8): bool {
  return byte === 0;
}
