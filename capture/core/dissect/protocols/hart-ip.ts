import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {openIndustrial} from "../parsers/industrial/flow";
import {newOperation, REPORT, REQUEST, RESPONSE, setError, setTransaction, setUnit} from "../parsers/industrial/operation";

/** HART-IP by its header: version, kind of message, number of the message, and its length (HCF SPEC-085 §6). */
export function recogniseHartIp(event: Event, start: usize, end: usize): bool {
  if (start + 8 > end || <usize>u16At(start + 6) !== end - start) return false;
  const type = load<u8>(start, 1);
  const message = load<u8>(start, 2);
  if ((type > 2 && type !== 15) || message > 3) return false;
  return event.sourcePort === 5094 || event.destinationPort === 5094 || event.sourcePort === 20_004 || event.destinationPort === 20_004;
}

/** Whether it may begin with that byte. */
export function beginsHartIp(byte: u8): bool {
  return byte === 1 || byte === 2;
}

const PORT: u16 = 5094;

/** State of a new flow; 0 where memory is out. */
export function beginHartIp(): usize {
  return openIndustrial("hart-ip", PORT, frameLength, readFrame);
}

function frameLength(at: usize, _end: usize): usize {
  const length = <usize>u16At(at + 6);
  return (load<u8>(at) === 1 || load<u8>(at) === 2) && length >= 8 && length <= 4096 ? length : 0;
}

/** A session's messages have a number, and a HART frame within one is known by its command (0x80 and more stand before it). */
function readFrame(at: usize, end: usize, _isAnswer: bool): bool {
  const type = load<u8>(at, 1);
  const kind = type === 0 ? REQUEST : type === 2 ? REPORT : RESPONSE;
  if (load<u8>(at, 2) !== 3) {
    newOperation(kind, -1, messageName(load<u8>(at, 2)), false);
    if (load<u8>(at, 3) !== 0 && kind === RESPONSE) setError("status");
  } else if (!readPdu(at + 8, end, kind)) return false;
  setTransaction(u16At(at + 4));
  if (type === 15) setError("not acknowledged");
  return true;
}

/** Delimiter, address of one or five bytes, expansion, command, count (HCF SPEC-081 §5). */
function readPdu(start: usize, end: usize, kind: u8): bool {
  if (start + 4 > end) return false;
  const delimiter = load<u8>(start);
  const isLong = (delimiter & 0x80) !== 0;
  const at = start + (isLong ? 6 : 2) + ((delimiter >> 5) & 3);
  if (at + 2 > end) return false;
  const command = load<u8>(at);
  // Kinds of frames: 1 a burst, 2 to the device, 6 from it.
  const frame = delimiter & 7;
  newOperation(frame === 1 ? REPORT : kind, command, commandName(command), isWriting(command));
  setUnit(isLong ? <i32>(u32At(start + 2) & 0xffffff) : <i32>(load<u8>(start, 1) & 0x3f));
  const code = frame === 2 || at + 3 > end || load<u8>(at, 1) < 2 ? 0 : load<u8>(at, 2);
  if (code !== 0) setError((code & 0x80) !== 0 ? "communication error" : code === 64 ? "command not implemented" : code === 7 ? "write protected" : "command error");
  return true;
}

function messageName(message: u8): string {
  switch (message) {
    case 0: return "Session Initiate";
    case 1: return "Session Close";
    case 2: return "Keep Alive";
  }
  return "unknown";
}

/** Universal and common practice commands that change something in the device (HCF SPEC-127, SPEC-151). */
// @ts-ignore: decorator
@inline
function isWriting(command: u8): bool {
  return command === 6 || (command >= 17 && command <= 19) || command === 22 || (command >= 34 && command <= 38) || (command >= 40 && command <= 47) || (command >= 49 && command <= 53 && command !== 50) || command === 79;
}

function commandName(command: u8): string {
  switch (command) {
    case 0: return "Read Unique Identifier";
    case 1: return "Read Primary Variable";
    case 2: return "Read Loop Current";
    case 3: return "Read Dynamic Variables";
    case 6: return "Write Polling Address";
    case 7: return "Read Loop Configuration";
    case 8: return "Read Variable Classifications";
    case 9: return "Read Device Variables";
    case 11: return "Read Unique Identifier by Tag";
    case 12: return "Read Message";
    case 13: return "Read Tag";
    case 14: return "Read Transducer Information";
    case 15: return "Read Device Information";
    case 16: return "Read Final Assembly Number";
    case 17: return "Write Message";
    case 18: return "Write Tag";
    case 19: return "Write Final Assembly Number";
    case 20: return "Read Long Tag";
    case 21: return "Read Unique Identifier by Long Tag";
    case 22: return "Write Long Tag";
    case 33: return "Read Device Variables";
    case 34: return "Write Damping";
    case 35: return "Write Range";
    case 36: return "Set Upper Range";
    case 37: return "Set Lower Range";
    case 38: return "Reset Configuration Changed";
    case 40: return "Fixed Current Mode";
    case 41: return "Self Test";
    case 42: return "Device Reset";
    case 43: return "Set Zero";
    case 44: return "Write Units";
    case 45: return "Trim Zero";
    case 46: return "Trim Gain";
    case 47: return "Write Transfer Function";
    case 48: return "Read Additional Status";
    case 49: return "Write Serial Number";
    case 50: return "Read Variable Assignments";
    case 51: return "Write Variable Assignments";
    case 52: return "Set Variable Zero";
    case 53: return "Write Variable Units";
    case 74: return "Read I/O System Capabilities";
    case 77: return "Send to Subdevice";
    case 78: return "Read Aggregated Commands";
    case 79: return "Write Device Variable";
    case 84: return "Read Subdevice Identity";
    case 203: return "Write Session Key";
  }
  return "unknown";
}
