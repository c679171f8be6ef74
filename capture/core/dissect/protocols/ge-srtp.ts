import {Event} from "../../meter/layout";
import {openIndustrial, remember, remembered} from "../parsers/industrial/flow";
import {addressText, newOperation, REQUEST, RESPONSE, setAddressEnd, setError, setPoints, setTransaction} from "../parsers/industrial/operation";
import {appendRange} from "../parsers/industrial/range";
import {appendText} from "../text";

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

/** State of a new flow; 0 where memory is out. */
export function beginGeSrtp(): usize {
  return openIndustrial("ge-srtp", <u16>PORT, frameLength, readFrame);
}

/** The mailbox, and a text whose length it states. */
function frameLength(at: usize, _end: usize): usize {
  return load<u8>(at) <= 3 ? HEADER + <usize>load<u16>(at, 4) : 0;
}

/** Kinds of mailboxes: a short request, one with a text behind it, short and long answers, an error. */
function readFrame(at: usize, _end: usize, _isAnswer: bool): bool {
  const type = load<u8>(at);
  if (type < 2) {
    newOperation(type === 0 ? REQUEST : RESPONSE, -1, "Connect", false);
    return true;
  }
  const mailbox = load<u8>(at, 31);
  if (mailbox !== 0xc0 && mailbox !== 0x80) {
    const asked = remembered() - 1;
    newOperation(RESPONSE, asked, serviceName(asked), isWriting(asked));
    setTransaction(load<u8>(at, 2));
    if (mailbox === 0xd1) setError("rejected");
    return true;
  }
  // A text puts two bytes of packet numbers before the service.
  const service = at + (mailbox === 0xc0 ? 42 : 50);
  const code = <i32>load<u8>(service);
  newOperation(REQUEST, code, serviceName(code), isWriting(code));
  remember(code + 1);
  setTransaction(load<u8>(at, 2));
  if (code === 4 || code === 7) setMemory(load<u8>(service, 1), load<u16>(service, 2), load<u16>(service, 4));
  return true;
}

/** Memory from offset 0 on, items of the segment's size: `%R1-10`. */
function setMemory(segment: u8, offset: u32, many: u32): void {
  const to = appendText(segmentName(segment), addressText);
  setPoints(many);
  setAddressEnd(appendRange(offset + 1, many > 1 ? offset + many : offset + 1, to));
}

function segmentName(segment: u8): string {
  switch (segment) {
    case 0x08: return "%R";
    case 0x0a: return "%AI";
    case 0x0c: return "%AQ";
    case 0x10:
    case 0x46: return "%I";
    case 0x12:
    case 0x48: return "%Q";
    case 0x14:
    case 0x4a: return "%T";
    case 0x16:
    case 0x4c: return "%M";
    case 0x18:
    case 0x4e: return "%SA";
    case 0x1a:
    case 0x50: return "%SB";
    case 0x1c:
    case 0x52: return "%SC";
    case 0x1e:
    case 0x54: return "%S";
    case 0x38:
    case 0x56: return "%G";
  }
  return "?";
}

// @ts-ignore: decorator
@inline
function isWriting(code: i32): bool {
  return (code >= 7 && code <= 9) || (code >= 0x21 && code <= 0x24) || code === 0x39 || code === 0x3f || code === 0x44;
}

/** Services as Denton et al. found them (Leveraging the SRTP protocol for over-the-network memory acquisition, 2017). */
function serviceName(code: i32): string {
  switch (code) {
    case 0x00: return "PLC Short Status";
    case 0x03: return "Return Control Program Names";
    case 0x04: return "Read System Memory";
    case 0x05: return "Read Task Memory";
    case 0x06: return "Read Program Memory";
    case 0x07: return "Write System Memory";
    case 0x08: return "Write Task Memory";
    case 0x09: return "Write Program Block Memory";
    case 0x20: return "Programmer Logon";
    case 0x21: return "Change PLC CPU Privilege Level";
    case 0x22: return "Set Control ID";
    case 0x23: return "Set PLC Mode";
    case 0x24: return "Set PLC Time/Date";
    case 0x25: return "Return PLC Time/Date";
    case 0x38: return "Return Fault Table";
    case 0x39: return "Clear Fault Table";
    case 0x3f: return "Program Store";
    case 0x40: return "Program Load";
    case 0x43: return "Return Controller Type and ID";
    case 0x44: return "Toggle Force System Memory";
  }
  return "unknown";
}
