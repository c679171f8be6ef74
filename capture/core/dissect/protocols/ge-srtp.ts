import {Event} from "../../meter/layout";

const PORT = 18245;
/** Length of the header, which short messages are. */
const HEADER: usize = 56;

/** GE's Service Request Transport Protocol: a mailbox of 56 bytes, which is all zeros first; by its port and form. */
export function recogniseGeSrtp(event: Event, start: usize, end: usize): bool {
  if (event.sourcePort !== PORT && event.destinationPort !== PORT) return false;
  if (end - start < HEADER) return false;
  const type = load<u8>(start);
  if (type === 0 || type === 1) {
    for (let at = start + 1; at < start + HEADER; at++) if (load<u8>(at) !== 0 && at !== start + 8) return false;
    return end - start === HEADER;
  }
  const mailbox = load<u8>(start, 31);
  return mailbox === 0xc0 || mailbox === 0x80 || mailbox === 0xd4 || mailbox === 0x94 || mailbox === 0xd1;
}

/** Whether it may begin with that byte. */
export function beginsGeSrtp(byte: u8): bool {
  return byte <= 3;
}
