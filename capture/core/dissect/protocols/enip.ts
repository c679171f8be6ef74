import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";

/** Where the encapsulated data begin. */
const HEADER: usize = 24;

/**
 * EtherNet/IP by its encapsulation header (CIP volume 2, §2-3): a command, the length of what follows, no options; over
 * UDP also the connected data of implicit messages, which begin with an item of an address.
 */
export function recogniseEnip(event: Event, start: usize, end: usize): bool {
  if (event.proto !== TCP && isImplicit(start, end)) return true;
  if (start + HEADER > end || !isCommand(load<u16>(start))) return false;
  const length = <usize>load<u16>(start, 2);
  const behind = end - start - HEADER;
  // TCP segments may hold several messages, or part of one.
  if (event.proto === TCP ? length > 0xffe3 || (length > behind && behind < 512) : length !== behind) return false;
  return load<u32>(start, 8) <= 0x6a && load<u32>(start, 20) === 0;
}

/** Whether it may begin with that byte. */
export function beginsEnip(byte: u8): bool {
  return isCommand(<u16>byte) || byte === 2;
}

/** ListServices, ListIdentity, ListInterfaces, RegisterSession, UnRegisterSession, SendRRData, SendUnitData and others. */
function isCommand(command: u16): bool {
  return command === 4 || (command >= 0x63 && command <= 0x66) || command === 0x6f || command === 0x70 || command === 0x72 || command === 0x73;
}

/** Two items: a sequenced address of eight bytes, then connected data (§2-6.2.1). */
function isImplicit(start: usize, end: usize): bool {
  return (
    start + 18 <= end &&
    load<u32>(start) === 0x80020002 &&
    load<u16>(start, 4) === 8 &&
    load<u16>(start, 14) === 0xb1 &&
    <usize>load<u16>(start, 16) === end - start - 18
  );
}
