import {u16At} from "../../../meter/bytes";
import {allocate, release} from "../../heap";

/** The handshake message last found, its records' headers taken out. */
export let messageAt: usize = 0;
export let messageEnd: usize = 0;
/** Where the record after the message's last one begins. */
export let messageNext: usize = 0;

/** Type of records of handshakes (RFC 8446 §5.1). */
export const HANDSHAKE: u8 = 22;

/** Of a message that had to be put together. */
let block: usize = 0;
const HEADER: usize = memory.data(4);

/** Finds the handshake message that begins in the record at `at`; false where it goes on. `dropMessage` is to follow. */
export function findMessage(at: usize, end: usize): bool {
  const first = at + 5;
  const firstLength = u16At(at + 3);
  if (first + 4 > end) return false;
  if (firstLength >= 4) {
    const length: u32 = 4 + u24At(first + 1);
    // Nearly always the whole message is in one record.
    if (length <= firstLength) {
      messageAt = first;
      messageEnd = first + length;
      messageNext = min(end, first + firstLength);
      return messageEnd <= end;
    }
  }
  return joinMessage(at, end);
}

/** Lets go of what the message needed. */
// @ts-ignore: decorator
@inline
export function dropMessage(): void {
  if (block === 0) return;
  release(block, messageEnd - block);
  block = 0;
}

function joinMessage(start: usize, end: usize): bool {
  let total: usize = 0;
  for (let at = start; at + 5 <= end && load<u8>(at) === HANDSHAKE; ) {
    const length = <usize>u16At(at + 3);
    if (length === 0 || at + 5 + length > end) return false;
    for (let i: usize = 0; total + i < 4 && i < length; i++) store<u8>(HEADER + total + i, load<u8>(at + 5 + i));
    total += length;
    at += 5 + length;
    if (total < 4) continue;
    const needed: usize = 4 + u24At(HEADER + 1);
    if (total < needed) continue;
    block = allocate(needed);
    if (block === 0) return false;
    copyRecords(start, needed);
    messageAt = block;
    messageEnd = block + needed;
    messageNext = at;
    return true;
  }
  return false;
}

/** Copies so many bytes of records' contents to the block. */
function copyRecords(at: usize, bytes: usize): void {
  for (let done: usize = 0; done < bytes; ) {
    const length = <usize>u16At(at + 3);
    const part = min(length, bytes - done);
    memory.copy(block + done, at + 5, part);
    done += part;
    at += 5 + length;
  }
}

// @ts-ignore: decorator
@inline
function u24At(address: usize): u32 {
  return (<u32>load<u8>(address) << 16) | u16At(address + 1);
}
