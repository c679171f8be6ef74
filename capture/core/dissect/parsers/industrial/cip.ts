import {appendClean, appendNumber, appendText} from "../../text";
import {addressText, MAX_ADDRESS, newOperation, REQUEST, RESPONSE, setAddressEnd, setError} from "./operation";
import {appendCode} from "./range";

/** Messages of CIP: service and path, or the answer with its status (CIP volume 1 §2-4). */

/** Class of the connection manager, whose services have numbers that others use otherwise. */
const CONNECTION_MANAGER: u32 = 6;

/** Reads the message at `at`; true where an operation was found. */
export function readCip(at: usize, end: usize): bool {
  if (at + 2 > end) return false;
  const service = load<u8>(at) & 0x7f;
  if ((load<u8>(at) & 0x80) !== 0) {
    if (at + 4 > end) return false;
    newOperation(RESPONSE, service, serviceName(service, 0), false);
    const status = load<u8>(at, 2);
    if (status !== 0 && status !== 6) setError(statusName(status));
    return true;
  }
  const path = at + 2;
  const behind = path + (<usize>load<u8>(at, 1) << 1);
  if (behind > end) return false;
  const its = classOf(path, behind);
  newOperation(REQUEST, service, serviceName(service, its), isWriting(service, its));
  setAddressEnd(appendPath(path, behind, addressText));
  return true;
}

/** The class that a path begins with; 0 without. */
function classOf(at: usize, end: usize): u32 {
  if (at + 2 <= end && load<u8>(at) === 0x20) return load<u8>(at, 1);
  return at + 4 <= end && load<u8>(at) === 0x21 ? load<u16>(at, 2) : 0;
}

/** Writes the path's segments: `class 0x6b instance 4`, or the name of a tag; where they end. */
function appendPath(at: usize, end: usize, to: usize): usize {
  const first = to;
  while (at + 2 <= end && to < addressText + MAX_ADDRESS - 280) {
    const kind = load<u8>(at);
    if (to > first) store<u8>(to++, kind === 0x91 ? 0x2e : 0x20);
    if (kind === 0x91) {
      const length = <usize>load<u8>(at, 1);
      if (at + 2 + length > end) return to;
      to = appendClean(at + 2, at + 2 + min<usize>(length, 80), to);
      at += 2 + ((length + 1) & ~1);
      continue;
    }
    const word = kind & 0xfc;
    if (word === 0x20) to = appendText("class ", to);
    else if (word === 0x24) to = appendText("instance ", to);
    else if (word === 0x28) to = appendText("element ", to);
    else if (word === 0x2c) to = appendText("connection ", to);
    else if (word === 0x30) to = appendText("attribute ", to);
    else return to > first ? to - 1 : to;
    const size = kind & 3;
    if (size > 2 || at + (size === 0 ? 2 : size === 1 ? 4 : 6) > end) return to;
    const value: u32 = size === 0 ? load<u8>(at, 1) : size === 1 ? load<u16>(at, 2) : load<u32>(at, 2);
    to = word === 0x20 ? appendCode(value, to) : appendNumber(value, to);
    at += size === 0 ? 2 : size === 1 ? 4 : 6;
  }
  return to;
}

function isWriting(service: u8, its: u32): bool {
  if (its === CONNECTION_MANAGER) return false;
  switch (service) {
    case 0x02:
    case 0x04:
    case 0x05:
    case 0x06:
    case 0x07:
    case 0x08:
    case 0x09:
    case 0x10:
    case 0x4d:
    case 0x4e:
    case 0x53:
      return true;
  }
  return false;
}

function serviceName(service: u8, its: u32): string {
  switch (service) {
    case 0x01: return "Get_Attributes_All";
    case 0x02: return "Set_Attributes_All";
    case 0x03: return "Get_Attribute_List";
    case 0x04: return "Set_Attribute_List";
    case 0x05: return "Reset";
    case 0x06: return "Start";
    case 0x07: return "Stop";
    case 0x08: return "Create";
    case 0x09: return "Delete";
    case 0x0a: return "Multiple_Service_Packet";
    case 0x0e: return "Get_Attribute_Single";
    case 0x10: return "Set_Attribute_Single";
    case 0x11: return "Find_Next_Object_Instance";
    case 0x4b: return "Execute_PCCC";
    case 0x4c: return "Read_Tag";
    case 0x4d: return "Write_Tag";
    case 0x4e: return its === CONNECTION_MANAGER ? "Forward_Close" : "Read_Modify_Write_Tag";
    case 0x52: return its === CONNECTION_MANAGER ? "Unconnected_Send" : "Read_Tag_Fragmented";
    case 0x53: return "Write_Tag_Fragmented";
    case 0x54: return "Forward_Open";
    case 0x55: return "Get_Instance_Attribute_List";
    case 0x5b: return "Large_Forward_Open";
  }
  return "unknown";
}

/** CIP volume 1, table B-1.1. */
function statusName(status: u8): string {
  switch (status) {
    case 0x01: return "connection failure";
    case 0x02: return "resource unavailable";
    case 0x03: return "invalid parameter value";
    case 0x04: return "path segment error";
    case 0x05: return "path destination unknown";
    case 0x08: return "service not supported";
    case 0x09: return "invalid attribute value";
    case 0x0a: return "attribute list error";
    case 0x0c: return "object state conflict";
    case 0x0e: return "attribute not settable";
    case 0x0f: return "privilege violation";
    case 0x10: return "device state conflict";
    case 0x13: return "not enough data";
    case 0x14: return "attribute not supported";
    case 0x15: return "too much data";
    case 0x16: return "object does not exist";
    case 0x1e: return "embedded service error";
    case 0x20: return "invalid parameter";
    case 0x26: return "path size invalid";
    case 0xff: return "extended error";
  }
  return "error";
}
