import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {readCip} from "../parsers/industrial/cip";
import {openIndustrial} from "../parsers/industrial/flow";
import {newOperation, REQUEST, RESPONSE, setError} from "../parsers/industrial/operation";

const PORT: u16 = 44818;

/** The command that asks for nothing, and has no answer. */
const NOTHING: u16 = 0;
/** Where the encapsulated data begin. */
const HEADER: usize = 24;

/**
 * EtherNet/IP by its encapsulation header (CIP volume 2, §2-3): a command, the length of what follows, no options; over
 * UDP also the connected data of implicit messages, which begin with an item of an address.
 */
export function recogniseEnip(event: Event, start: usize, end: usize): bool {
  if (event.proto !== TCP && isImplicit(start, end)) return true;
  if (start + HEADER > end) return false;
  if (load<u16>(start) === NOTHING) return isNothing(event, start);
  if (!isCommand(load<u16>(start))) return false;
  const length = <usize>load<u16>(start, 2);
  const behind = end - start - HEADER;
  // TCP segments may hold several messages, or part of one.
  if (event.proto === TCP ? length > 0xffe3 || (length > behind && behind < 512) : length !== behind) return false;
  return load<u32>(start, 8) <= 0x6a && load<u32>(start, 20) === 0;
}

/** Whether it may begin with that byte. */
export function beginsEnip(byte: u8): bool {
  return isCommand(<u16>byte) || byte === 2 || byte === 0;
}

/** A NOP without data, at the port. */
function isNothing(event: Event, start: usize): bool {
  const isPort = event.sourcePort === PORT || event.destinationPort === PORT;
  return isPort && event.proto === TCP && (load<u64>(start) | load<u64>(start, 8) | load<u64>(start, 16)) === 0;
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

/** State of a new flow; 0 where memory is out. */
export function beginEnip(): usize {
  return openIndustrial("enip", PORT, frameLength, readFrame);
}

function frameLength(at: usize, end: usize): usize {
  // Implicit messages are their datagrams.
  if (isImplicit(at, end)) return end - at;
  if (!isCommand(load<u16>(at)) && load<u16>(at) !== NOTHING) return 0;
  return HEADER + <usize>load<u16>(at, 2);
}

/** The encapsulation's command, or what CIP says in it. */
function readFrame(at: usize, end: usize, isAnswer: bool): bool {
  const command = load<u16>(at);
  if ((!isCommand(command) && command !== NOTHING) || at + HEADER > end) return false;
  const status = load<u32>(at, 8);
  const isCarrier = command === 0x6f || command === 0x70;
  if (isCarrier && readItems(at + HEADER, end)) {
    if (status !== 0) setError(statusName(status));
    return true;
  }
  // Without CIP it tells of nothing but its error.
  if (isCarrier && status === 0) return false;
  newOperation(isAnswer ? RESPONSE : REQUEST, command, commandName(command), false);
  if (status !== 0) setError(statusName(status));
  return true;
}

/** Items of the common packet format: CIP stands in the data of one, behind a number where it is connected (§2-6). */
function readItems(at: usize, end: usize): bool {
  if (at + 8 > end) return false;
  let item = at + 8;
  for (let i = <i32>load<u16>(at, 6); i > 0 && i <= 4 && item + 4 <= end; i--) {
    const type = load<u16>(item);
    const last = min(item + 4 + <usize>load<u16>(item, 2), end);
    if (type === 0xb2) return readCip(item + 4, last);
    if (type === 0xb1 && item + 6 <= last) return readCip(item + 6, last);
    item += 4 + <usize>load<u16>(item, 2);
  }
  return false;
}

function commandName(command: u16): string {
  switch (command) {
    case NOTHING: return "NOP";
    case 0x04: return "ListServices";
    case 0x63: return "ListIdentity";
    case 0x64: return "ListInterfaces";
    case 0x65: return "RegisterSession";
    case 0x66: return "UnRegisterSession";
    case 0x6f: return "SendRRData";
    case 0x70: return "SendUnitData";
    case 0x72: return "IndicateStatus";
    case 0x73: return "Cancel";
  }
  return "unknown";
}

/** CIP volume 2, table 2-3.3. */
function statusName(status: u32): string {
  switch (status) {
    case 1: return "unsupported command";
    case 2: return "insufficient memory";
    case 3: return "incorrect data";
    case 0x64: return "invalid session";
    case 0x65: return "invalid length";
    case 0x69: return "unsupported protocol version";
  }
  return "error";
}
