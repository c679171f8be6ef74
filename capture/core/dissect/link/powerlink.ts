import {addressText, newOperation, REPORT, REQUEST, RESPONSE, setAddressEnd, setError, setUnit} from "../parsers/industrial/operation";
import {appendCode} from "../parsers/industrial/range";
import {appendNumber} from "../text";

/** Ethernet POWERLINK (EPSG DS 301 §4.6, §6.3, §7.3): type of message, receiver and sender; services of asynchronous frames. */

const ASND: u8 = 6;
/** Services: commands of the network's management, and data objects. */
const COMMAND: u8 = 4;
const OBJECTS: u8 = 5;

export function readPowerlink(start: usize, end: usize): bool {
  if (start + 3 > end) return false;
  const type = load<u8>(start) & 0x7f;
  const receiver = load<u8>(start, 1);
  const sender = load<u8>(start, 2);
  if (type !== ASND) {
    const name = messageName(type);
    newOperation(type === 3 ? REQUEST : type === 4 ? RESPONSE : REPORT, type, name, false);
    if (type === 3 || type === 4) setUnit(type === 3 ? receiver : sender);
    return name !== "unknown";
  }
  if (start + 5 > end) return false;
  const service = load<u8>(start, 3);
  if (service === COMMAND) {
    const command = load<u8>(start, 4);
    newOperation(REQUEST, command, commandName(command), command >= 0x20 && command < 0x60);
    setUnit(receiver);
    return true;
  }
  if (service === OBJECTS) return readObject(start + 4, end, receiver, sender);
  newOperation(service === 1 || service === 2 ? RESPONSE : REPORT, service, serviceName(service), false);
  setUnit(sender);
  return true;
}

/** Sequence layer of four bytes; transaction, flags, command, size; index and subindex (§6.3.2). */
function readObject(at: usize, end: usize, receiver: u8, sender: u8): bool {
  if (at + 12 > end) return false;
  const flags = load<u8>(at, 6);
  const command = load<u8>(at, 7);
  const isAnswer = (flags & 0x80) !== 0;
  const name = command === 1 ? "SDO write" : command === 2 ? "SDO read" : "SDO";
  newOperation(isAnswer ? RESPONSE : REQUEST, command, name, command === 1);
  setUnit(isAnswer ? sender : receiver);
  if ((flags & 0x40) !== 0) setError("aborted");
  // The first of several segments has its size before the index.
  const index = at + 12 + ((flags & 0x30) === 0x10 ? 4 : 0);
  if (isAnswer || (command !== 1 && command !== 2) || index + 3 > end) return true;
  let to = appendCode(load<u16>(index), addressText);
  store<u8>(to++, 0x2f);
  to = appendNumber(load<u8>(index, 2), to);
  setAddressEnd(to);
  return true;
}

function messageName(type: u8): string {
  switch (type) {
    case 1: return "SoC";
    case 3: return "PReq";
    case 4: return "PRes";
    case 5: return "SoA";
    case 7: return "AMNI";
    case 13: return "AInv";
  }
  return "unknown";
}

function serviceName(service: u8): string {
  switch (service) {
    case 1: return "IdentResponse";
    case 2: return "StatusResponse";
    case 3: return "NMTRequest";
    case 6: return "SyncResponse";
  }
  return "ASnd";
}

function commandName(command: u8): string {
  switch (command) {
    case 0x21: return "NMTStartNode";
    case 0x22: return "NMTStopNode";
    case 0x23: return "NMTEnterPreOperational2";
    case 0x24: return "NMTEnableReadyToOperate";
    case 0x28: return "NMTResetNode";
    case 0x29: return "NMTResetCommunication";
    case 0x2a: return "NMTResetConfiguration";
    case 0x2b: return "NMTSwReset";
    case 0x90: return "NMTPublishConfiguredNodes";
    case 0xb0: return "NMTPublishTime";
  }
  return "NMTCommand";
}
