import {u32At} from "../../../meter/bytes";
import {appendNumber, appendText} from "../../text";
import {addressText, setAddressEnd} from "./operation";

/** BACnet's words: services, error classes, objects (ANSI/ASHRAE 135 §21). */

/** The object that a service begins with (context tag 0) and its property (context tag 1): `analog-input 1 property 85`. */
export function readObject(at: usize, end: usize): void {
  if (at + 5 > end || load<u8>(at) !== 0x0c) return;
  const object = u32At(at + 1);
  let to = appendObject(object >> 22, addressText);
  store<u8>(to++, 0x20);
  to = appendNumber(object & 0x3fffff, to);
  if (at + 7 <= end && load<u8>(at, 5) === 0x19) {
    to = appendText(" property ", to);
    to = appendNumber(load<u8>(at, 6), to);
  }
  setAddressEnd(to);
}

function appendObject(type: u32, to: usize): usize {
  switch (type) {
    case 0: return appendText("analog-input", to);
    case 1: return appendText("analog-output", to);
    case 2: return appendText("analog-value", to);
    case 3: return appendText("binary-input", to);
    case 4: return appendText("binary-output", to);
    case 5: return appendText("binary-value", to);
    case 6: return appendText("calendar", to);
    case 8: return appendText("device", to);
    case 10: return appendText("file", to);
    case 13: return appendText("multi-state-input", to);
    case 14: return appendText("multi-state-output", to);
    case 15: return appendText("notification-class", to);
    case 16: return appendText("program", to);
    case 17: return appendText("schedule", to);
    case 19: return appendText("multi-state-value", to);
    case 20: return appendText("trend-log", to);
  }
  to = appendText("object-type-", to);
  return appendNumber(type, to);
}

export function confirmedName(code: u8): string {
  switch (code) {
    case 0: return "acknowledgeAlarm";
    case 1: return "confirmedCOVNotification";
    case 2: return "confirmedEventNotification";
    case 3: return "getAlarmSummary";
    case 4: return "getEnrollmentSummary";
    case 5: return "subscribeCOV";
    case 6: return "atomicReadFile";
    case 7: return "atomicWriteFile";
    case 8: return "addListElement";
    case 9: return "removeListElement";
    case 10: return "createObject";
    case 11: return "deleteObject";
    case 12: return "readProperty";
    case 14: return "readPropertyMultiple";
    case 15: return "writeProperty";
    case 16: return "writePropertyMultiple";
    case 17: return "deviceCommunicationControl";
    case 18: return "confirmedPrivateTransfer";
    case 20: return "reinitializeDevice";
    case 26: return "readRange";
    case 28: return "subscribeCOVProperty";
    case 29: return "getEventInformation";
  }
  return "unknown";
}

export function unconfirmedName(code: u8): string {
  switch (code) {
    case 0: return "i-Am";
    case 1: return "i-Have";
    case 2: return "unconfirmedCOVNotification";
    case 3: return "unconfirmedEventNotification";
    case 4: return "unconfirmedPrivateTransfer";
    case 5: return "unconfirmedTextMessage";
    case 6: return "timeSynchronization";
    case 7: return "who-Has";
    case 8: return "who-Is";
    case 9: return "utcTimeSynchronization";
  }
  return "unknown";
}

export function errorName(code: u8): string {
  switch (code) {
    case 0: return "device";
    case 1: return "object";
    case 2: return "property";
    case 3: return "resources";
    case 4: return "security";
    case 5: return "services";
  }
  return "error";
}
