import {Event} from "../../meter/layout";

/** Longest message (maxMessageSizeBytes), and the least that a segment carries of one in several. */
const MAX_MESSAGE: u32 = 48_000_000;
const MIN_SEGMENT: u32 = 536;

/** MongoDB by its message header: a length and one of the operations in use (MongoDB Wire Protocol, Standard Message Header). */
export function recogniseMongodb(event: Event, start: usize, end: usize): bool {
  const present = <u32>(end - start);
  if (present < 21 || !isOperation(load<u32>(start, 12))) return false;
  const length = load<u32>(start);
  // A request in one segment, or the beginning of one in several.
  return length === present + event.cut || (length > present && length <= MAX_MESSAGE && present >= MIN_SEGMENT);
}

/** OP_REPLY, OP_QUERY, OP_COMPRESSED, OP_MSG. */
// @ts-ignore: decorator
@inline
function isOperation(code: u32): bool {
  return code === 1 || code === 2004 || code === 2012 || code === 2013;
}
