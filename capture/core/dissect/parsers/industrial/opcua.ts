import {appendClean, appendNumber, appendText, hasText, isText} from "../../text";
import {remember, remembered} from "./flow";
import {addressText, newOperation, REQUEST, RESPONSE, setAddressEnd, setError, setPoints, setTransaction} from "./operation";

/**
 * Services of OPC UA's binary protocol (OPC 10000-6 §5.2, §6.7, §7.1). A secure channel whose policy is not None may encrypt
 * its messages: such have no service.
 */

/** What is remembered of a flow: that its messages may be encrypted. */
const IS_SECURE: i32 = 1;

/** Longest name of a node that is written. */
const MAX_NAME: usize = 300;

/** Where the value read last ends; 0 where it does not fit. */
let next: usize = 0;

export function readOpcua(at: usize, end: usize, isAnswer: bool): bool {
  if (isText(at, end, "HEL")) return note(REQUEST, "Hello");
  if (isText(at, end, "ACK")) return note(RESPONSE, "Acknowledge");
  if (isText(at, end, "RHE")) return note(REQUEST, "Reverse Hello");
  if (isText(at, end, "ERR")) {
    note(isAnswer ? RESPONSE : REQUEST, "Error");
    setError("connection error");
    return true;
  }
  if (isText(at, end, "OPN")) {
    if (end > at + 16 && !hasText(at + 16, min(end, at + 80), "#NONE")) remember(IS_SECURE);
    return note(isAnswer ? RESPONSE : REQUEST, "OpenSecureChannel");
  }
  if (isText(at, end, "CLO")) return note(REQUEST, "CloseSecureChannel");
  return isText(at, end, "MSG") && readMessage(at, end, isAnswer);
}

function note(kind: u8, name: string): bool {
  newOperation(kind, -1, name, false);
  return true;
}

/** Channel, token, sequence and request, then the identifier of what follows: 1, namespace 0, number. */
function readMessage(at: usize, end: usize, isAnswer: bool): bool {
  const body = at + 24;
  if (body + 4 > end) return false;
  const number = load<u16>(body) === 0x0001 ? <i32>load<u16>(body, 2) : 0;
  const name = serviceName(number);
  if (name === "unknown") {
    if (remembered() === IS_SECURE) {
      newOperation(isAnswer ? RESPONSE : REQUEST, -1, "encrypted", false);
      return true;
    }
    // A chunk that goes on with a message, or a service without a name.
    return false;
  }
  const isResponse = !isRequest(number);
  newOperation(isResponse ? RESPONSE : REQUEST, number, name, !isResponse && isWriting(number));
  setTransaction(<i32>(load<u32>(at, 20) & 0x7fffffff));
  if (isResponse) {
    // Time, handle, result.
    if (body + 20 <= end && (load<u32>(body, 16) & 0x80000000) !== 0) setError(resultName(load<u32>(body, 16)));
  } else if (passHeader(body + 4, end)) readNodes(number, end);
  return true;
}

const FAULT: i32 = 397;

/** Passes the header of a request (OPC 10000-4 §7.33): token, time, handle, diagnostics, audit id, timeout, extension. */
function passHeader(at: usize, end: usize): bool {
  if (!passNode(at, end)) return false;
  if (!passString(next + 16, end)) return false;
  if (!passNode(next + 4, end) || next >= end) return false;
  // An extension without a body.
  const isEmpty = load<u8>(next) === 0;
  next++;
  return isEmpty;
}

/** First node of those that are read, written, called or browsed, and how many there are. */
function readNodes(number: i32, end: usize): void {
  const before: usize = number === READ ? 12 : number === BROWSE ? 18 : 0;
  if (number !== READ && number !== WRITE && number !== CALL && number !== BROWSE) return;
  let at = next + before;
  // A view's node comes before a time, a version and a limit: it is the null node mostly.
  if (number === BROWSE && load<u16>(next) !== 0) return;
  if (at + 4 > end) return;
  const many = load<i32>(at);
  if (many < 1 || many > 1_000_000) return;
  setPoints(many);
  at += 4;
  const object = appendNode(at, end, addressText);
  if (object === 0) return;
  if (number !== CALL) return setAddressEnd(object);
  store<u8>(object, 0x20);
  const method = appendNode(next, end, object + 1);
  setAddressEnd(method !== 0 ? method : object);
}

/** Passes a string: its length, or -1. */
function passString(at: usize, end: usize): bool {
  if (at + 4 > end) return false;
  const length = load<i32>(at);
  next = at + 4 + (length > 0 ? <usize>length : 0);
  return length <= 0xffff && next <= end;
}

/** Passes an identifier of a node (OPC 10000-6 §5.2.2.9). */
function passNode(at: usize, end: usize): bool {
  if (at + 2 > end) return false;
  switch (load<u8>(at) & 0x3f) {
    case 0: next = at + 2; break;
    case 1: next = at + 4; break;
    case 2: next = at + 7; break;
    case 3:
    case 5: return passString(at + 3, end);
    case 4: next = at + 19; break;
    default: return false;
  }
  return next <= end;
}

/** Writes `i=2258`, `ns=2;i=5`, `ns=2;s=Pump`; where it ends, 0 where no node is there. Of other kinds the namespace alone. */
function appendNode(at: usize, end: usize, to: usize): usize {
  if (!passNode(at, end)) return 0;
  const kind = load<u8>(at) & 0x3f;
  const space: u32 = kind === 0 ? 0 : kind === 1 ? load<u8>(at, 1) : load<u16>(at, 1);
  if (space !== 0) {
    to = appendText("ns=", to);
    to = appendNumber(space, to);
    store<u8>(to++, 0x3b);
  }
  switch (kind) {
    case 0:
    case 1:
    case 2:
      to = appendText("i=", to);
      return appendNumber(kind === 0 ? load<u8>(at, 1) : kind === 1 ? load<u16>(at, 2) : load<u32>(at, 3), to);
    case 3:
      to = appendText("s=", to);
      return appendClean(at + 7, min(next, at + 7 + MAX_NAME / 4), to);
  }
  return appendText("?", to);
}

const READ: i32 = 631;
const WRITE: i32 = 673;
const CALL: i32 = 712;
const BROWSE: i32 = 527;

// @ts-ignore: decorator
@inline
function isWriting(number: i32): bool {
  return number === WRITE || number === CALL || number === 700 || (number >= 488 && number <= 506);
}

function isRequest(number: i32): bool {
  switch (number) {
    case 422: case 428: case 446: case 452: case 461: case 467: case 473: case 479: case 488: case 494: case 500: case 506:
    case 527: case 533: case 554: case 560: case 566: case 631: case 664: case 673: case 700: case 712: case 751: case 763:
    case 769: case 775: case 781: case 787: case 793: case 799: case 826: case 832: case 841: case 847: return true;
  }
  return false;
}

/** Name of a request or of its response, by the number of its binary encoding (OPC 10000-6 annex A). */
function serviceName(number: i32): string {
  if (number === FAULT) return "ServiceFault";
  // A response's number is its request's plus three.
  switch (isRequest(number) ? number : number - 3) {
    case 422: return "FindServers";
    case 428: return "GetEndpoints";
    case 446: return "OpenSecureChannel";
    case 452: return "CloseSecureChannel";
    case 461: return "CreateSession";
    case 467: return "ActivateSession";
    case 473: return "CloseSession";
    case 479: return "Cancel";
    case 488: return "AddNodes";
    case 494: return "AddReferences";
    case 500: return "DeleteNodes";
    case 506: return "DeleteReferences";
    case 527: return "Browse";
    case 533: return "BrowseNext";
    case 554: return "TranslateBrowsePathsToNodeIds";
    case 560: return "RegisterNodes";
    case 566: return "UnregisterNodes";
    case 631: return "Read";
    case 664: return "HistoryRead";
    case 673: return "Write";
    case 700: return "HistoryUpdate";
    case 712: return "Call";
    case 751: return "CreateMonitoredItems";
    case 763: return "ModifyMonitoredItems";
    case 769: return "SetMonitoringMode";
    case 775: return "SetTriggering";
    case 781: return "DeleteMonitoredItems";
    case 787: return "CreateSubscription";
    case 793: return "ModifySubscription";
    case 799: return "SetPublishingMode";
    case 826: return "Publish";
    case 832: return "Republish";
    case 841: return "TransferSubscriptions";
    case 847: return "DeleteSubscriptions";
  }
  return "unknown";
}

/** Status codes that tell of access (OPC 10000-6 annex A.2). */
function resultName(code: u32): string {
  switch (code >> 16) {
    case 0x800b: return "service unsupported";
    case 0x801f: return "user access denied";
    case 0x8020: return "identity token invalid";
    case 0x8021: return "identity token rejected";
    case 0x8025: return "session id invalid";
    case 0x8026: return "session closed";
    case 0x8034: return "node id unknown";
    case 0x803b: return "not writable";
    case 0x8013: return "security checks failed";
  }
  return "error";
}
