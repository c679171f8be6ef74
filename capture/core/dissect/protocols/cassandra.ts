import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** Cassandra's CQL by the header of a first frame: version, an operation of the handshake, and a length (native protocol v3 to v5 §2). */
export function recogniseCassandra(event: Event, start: usize, end: usize): bool {
  if (start + 9 > end || u32At(start + 5) !== <u32>(end - start) - 9 + <u32>event.cut || load<u8>(start, 1) > 0x1f) return false;
  const operation = load<u8>(start, 4);
  // Startup and options are asked for; ready, authenticate, supported and an error answer.
  return load<u8>(start) < 0x80 ? operation === 1 || operation === 5 : operation === 0 || operation === 2 || operation === 3 || operation === 6;
}

/** Whether it may begin with that byte. */
export function beginsCassandra(byte: u8): bool {
  return (byte & 0x7f) >= 3 && (byte & 0x7f) <= 6;
}
