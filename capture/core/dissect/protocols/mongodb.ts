import {Event} from "../../meter/layout";

/** Longest message (maxMessageSizeBytes), and the least that a segment carries of one in several. */
const MAX_MESSAGE: u32 = 48_000_000;
const MIN_SEGMENT: u32 = 536;

/** MongoDB by its message header: a length and one of the operations in use (MongoDB Wire Protocol, Standard Message Header). */
export function recogniseMongodb(event: Event, start: usize, end: usize): bool {
  const present = <u32>(end - start);
  if (present < 21 || !isOperation(event, start)) return false;
  const length = load<u32>(start);
  // A request in one segment, or the beginning of one in several.
  return length === present + event.cut || (length > present && length <= MAX_MESSAGE && present >= MIN_SEGMENT);
}

/** OP_REPLY, OP_QUERY, OP_COMPRESSED, OP_MSG, each with the flags that it has; only replies answer a request. */
function isOperation(event: Event, start: usize): bool {
  const answered = load<i32>(start, 8);
  // Old drivers say -1 where there is nothing to answer.
  const answers = answered !== 0 && answered !== -1;
  const flags = load<u32>(start, 16);
  if (answers !== (event.direction === 1)) return false;
  switch (load<u32>(start, 12)) {
    case 1:
      return answers && flags <= 15;
    case 2004:
      return !answers && (flags & ~0xfe) === 0;
    case 2012:
      return flags === 1 || flags === 2004 || flags === 2013;
    case 2013:
      return (flags & ~0x10003) === 0 && load<u8>(start, 20) <= 1;
  }
  return false;
}
