import {appendClean, berContent} from "../../text";
import {addressText, newOperation, REPORT, REQUEST, RESPONSE, setAddressEnd, setError, setPoints, setTransaction} from "./operation";

/** MMS (ISO 9506-2): its PDUs within the session's and presentation's data of ISO transport. */

/** Longest name that is written. */
const MAX_NAME: usize = 64;

/** Length of the BER value whose content begins at `content`; the value begins at `at`. */
// @ts-ignore: decorator
@inline
function lengthOf(at: usize, content: usize): usize {
  if (load<u8>(at, 1) < 0x80) return <usize>load<u8>(at, 1);
  let length: usize = 0;
  for (let byte = at + 2; byte < content; byte++) length = (length << 8) | <usize>load<u8>(byte);
  return length;
}

/** Reads the user data of a session, which begin at `start`; false where no MMS PDU is among them. */
export function readMms(start: usize, end: usize): bool {
  // Session: give tokens and data, of no length. Presentation: fully encoded data, a list, its context, one value of it.
  if (start + 8 > end || load<u32>(start) !== 0x00010001) return false;
  let at = start + 4;
  if (load<u8>(at) !== 0x61) return false;
  at = berContent(at, end);
  if (at === 0 || at + 2 > end || load<u8>(at) !== 0x30) return false;
  at = berContent(at, end);
  while (at !== 0 && at + 2 <= end && load<u8>(at) !== 0xa0) at = pastValue(at, end);
  if (at === 0 || at + 2 > end) return false;
  at = berContent(at, end);
  return at !== 0 && at + 2 <= end && readPdu(at, end);
}

/** Reads an MMS PDU that stands alone, as devices without session and presentation send it. */
export function readBareMms(at: usize, end: usize): bool {
  return at + 2 <= end && readPdu(at, end);
}

function pastValue(at: usize, end: usize): usize {
  const content = berContent(at, end);
  return content === 0 ? 0 : content + lengthOf(at, content);
}

function readPdu(at: usize, end: usize): bool {
  const tag = load<u8>(at);
  const content = berContent(at, end);
  if (content === 0 || content >= end) return false;
  const stop = min(end, content + lengthOf(at, content));
  switch (tag) {
    case 0xa0:
      return readConfirmed(content, stop, REQUEST);
    case 0xa1:
      return readConfirmed(content, stop, RESPONSE);
    case 0xa2:
      newOperation(RESPONSE, -1, "error", false);
      setInvoke(content, stop);
      setError("service error");
      return true;
    case 0xa3:
      newOperation(REPORT, 0, "InformationReport", false);
      setName(content, stop);
      return true;
    case 0xa4:
      newOperation(RESPONSE, -1, "reject", false);
      setError("rejected");
      return true;
    case 0xa8:
      newOperation(REQUEST, -1, "Initiate", false);
      return true;
    case 0xa9:
      newOperation(RESPONSE, -1, "Initiate", false);
      return true;
    case 0x8b:
      newOperation(REQUEST, -1, "Conclude", false);
      return true;
    case 0x8c:
      newOperation(RESPONSE, -1, "Conclude", false);
      return true;
  }
  return false;
}

/** Number of the invocation, which an integer or an implicit context tag holds; where it ends, 0 without one. */
function setInvoke(at: usize, end: usize): usize {
  if (at + 2 > end || (load<u8>(at) !== 0x02 && load<u8>(at) !== 0x80)) return 0;
  const length = <usize>load<u8>(at, 1);
  if (length === 0 || length > 5 || at + 2 + length > end) return 0;
  let value: u32 = 0;
  for (let i: usize = 0; i < length; i++) value = (value << 8) | load<u8>(at + 2 + i);
  setTransaction(<i32>(value & 0x7fffffff));
  return at + 2 + length;
}

function readConfirmed(start: usize, end: usize, kind: u8): bool {
  newOperation(kind, -1, "unknown", false);
  const at = setInvoke(start, end);
  if (at === 0 || at + 2 > end) return false;
  // Tags beyond 30 have their number in the next byte.
  const first = load<u8>(at);
  const service = (first & 31) === 31 ? <i32>load<u8>(at, 1) : <i32>(first & 31);
  const invoke = transactionOf(start, at);
  newOperation(kind, service, serviceName(service), kind === REQUEST && isWriting(service));
  setTransaction(invoke);
  if (kind === REQUEST) setName(at, end);
  else if ((service === 4 || service === 5) && hasFailure(at, end)) setError("access error");
  return true;
}

function transactionOf(start: usize, end: usize): i32 {
  let value: u32 = 0;
  for (let at = start + 2; at < end; at++) value = (value << 8) | load<u8>(at);
  return <i32>(value & 0x7fffffff);
}

/** A write's results are `80` (failure) or `81` (success); a read's failed item is `80 01` with its reason. */
function hasFailure(at: usize, end: usize): bool {
  const content = (load<u8>(at) & 31) === 31 ? berContent(at + 1, end) : berContent(at, end);
  if (content === 0 || content + 2 > end) return false;
  let item = content;
  // A read's list of results follows an optional specification.
  if (load<u8>(item) === 0xa1) item = berContent(item, end);
  return item !== 0 && item + 3 <= end && load<u8>(item) === 0x80 && load<u8>(item, 1) === 1 && load<u8>(item, 2) <= 12;
}

/** The first name of a domain and of an item in it, `LD0/MMXU1$MX$A`, and how many items are named. */
function setName(start: usize, end: usize): void {
  let to = addressText;
  let names = 0;
  let items = 0;
  for (let at = start; at + 2 < end; at++) {
    if (load<u8>(at) !== 0x1a) continue;
    const length = <usize>load<u8>(at, 1);
    if (length === 0 || length > MAX_NAME || at + 2 + length > end || !isName(at + 2, at + 2 + length)) continue;
    if (names < 2) {
      if (names === 1) store<u8>(to++, 0x2f);
      to = appendClean(at + 2, at + 2 + length, to);
    }
    names++;
    if ((names & 1) === 0) items++;
    at += 1 + length;
  }
  if (names === 0) return;
  setPoints(max(items, 1));
  setAddressEnd(to);
}

/** Identifiers are letters, digits, `_` and `$` (ISO 9506-2 §7.5.2). */
function isName(at: usize, end: usize): bool {
  for (; at < end; at++) {
    const byte = load<u8>(at);
    const letter = byte | 0x20;
    if (!(letter >= 0x61 && letter <= 0x7a) && !(byte >= 0x30 && byte <= 0x39) && byte !== 0x5f && byte !== 0x24) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline
function isWriting(service: i32): bool {
  return service === 5 || service === 11 || service === 13 || (service >= 26 && service <= 28) || service === 36 || (service >= 38 && service <= 43) || service === 75 || service === 76;
}

function serviceName(service: i32): string {
  switch (service) {
    case 0: return "Status";
    case 1: return "GetNameList";
    case 2: return "Identify";
    case 3: return "Rename";
    case 4: return "Read";
    case 5: return "Write";
    case 6: return "GetVariableAccessAttributes";
    case 11: return "DefineNamedVariableList";
    case 12: return "GetNamedVariableListAttributes";
    case 13: return "DeleteNamedVariableList";
    case 26: return "InitiateDownloadSequence";
    case 27: return "DownloadSegment";
    case 28: return "TerminateDownloadSequence";
    case 29: return "InitiateUploadSequence";
    case 30: return "UploadSegment";
    case 31: return "TerminateUploadSequence";
    case 36: return "DeleteDomain";
    case 37: return "GetDomainAttributes";
    case 38: return "CreateProgramInvocation";
    case 39: return "DeleteProgramInvocation";
    case 40: return "Start";
    case 41: return "Stop";
    case 42: return "Resume";
    case 43: return "Reset";
    case 65: return "ReadJournal";
    case 72: return "FileOpen";
    case 73: return "FileRead";
    case 74: return "FileClose";
    case 75: return "FileRename";
    case 76: return "FileDelete";
    case 77: return "FileDirectory";
  }
  return "unknown";
}
