import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {openIndustrial} from "../parsers/industrial/flow";
import {confirmedName, errorName, readObject, unconfirmedName} from "../parsers/industrial/bacnet-names";
import {newOperation, REPORT, REQUEST, RESPONSE, setError, setTransaction} from "../parsers/industrial/operation";

const PORT: u16 = 47_808;

/** Functions of BVLC that carry an NPDU at once: forwarded (behind an address), distribute, unicast, broadcast. */
const FORWARDED: u8 = 4;
const DISTRIBUTE: u8 = 9;

/** BACnet/IP by its virtual link control: type, function and a length that is the payload's (ANSI/ASHRAE 135 §J.2). */
export function recogniseBacnet(_event: Event, start: usize, end: usize): bool {
  const code = load<u8>(start, 1);
  if (start + 4 > end || code > 0x0b || <usize>u16At(start + 2) !== end - start) return false;
  // The network layer's version is 1.
  if (code === FORWARDED) return start + 12 <= end && load<u8>(start, 10) === 1;
  if (code >= DISTRIBUTE) return start + 6 <= end && load<u8>(start, 4) === 1;
  return end - start >= 4;
}

/** Whether it may begin with that byte. */
export function beginsBacnet(byte: u8): bool {
  return byte === 0x81;
}

/** State of a new flow; 0 where memory is out. */
export function beginBacnet(): usize {
  return openIndustrial("bacnet", PORT, frameLength, readFrame);
}

function frameLength(at: usize, _end: usize): usize {
  const length = <usize>u16At(at + 2);
  return load<u8>(at) !== 0x81 || length < 4 ? 0 : length;
}

/** Reads the application's message behind the virtual link and the network layer (§6.2, §20.1). */
function readFrame(at: usize, end: usize, _isAnswer: bool): bool {
  const code = load<u8>(at, 1);
  if (code !== FORWARDED && code < DISTRIBUTE) return false;
  let network = at + (code === FORWARDED ? 10 : 4);
  if (network + 2 > end || load<u8>(network) !== 1) return false;
  const control = load<u8>(network, 1);
  network += 2;
  // A message of the network layer itself.
  if ((control & 0x80) !== 0) return false;
  const isRouted = (control & 0x20) !== 0;
  if (isRouted) network += 3 + <usize>load<u8>(network, 2);
  if ((control & 8) !== 0) network += 3 + <usize>load<u8>(network, 2);
  if (isRouted) network++;
  return network + 2 <= end && readMessage(network, end);
}

function readMessage(at: usize, end: usize): bool {
  const kind = load<u8>(at) >> 4;
  const isSegmented = (load<u8>(at) & 8) !== 0;
  switch (kind) {
    case 0: {
      const service = at + (isSegmented ? 5 : 3);
      if (service >= end) return false;
      const code = load<u8>(service);
      newOperation(REQUEST, code, confirmedName(code), isWriting(code));
      setTransaction(load<u8>(at, 2));
      readObject(service + 1, end);
      return true;
    }
    case 1:
      newOperation(REPORT, load<u8>(at, 1), unconfirmedName(load<u8>(at, 1)), false);
      return true;
    case 2:
    case 3: {
      const service = at + (kind === 3 && isSegmented ? 4 : 2);
      if (service >= end) return false;
      newOperation(RESPONSE, load<u8>(service), confirmedName(load<u8>(service)), false);
      if (kind === 3) readObject(service + 1, end);
      break;
    }
    case 5:
      if (at + 3 > end) return false;
      newOperation(RESPONSE, load<u8>(at, 2), confirmedName(load<u8>(at, 2)), false);
      // Class and code, each an enumeration of one byte.
      setError(at + 7 <= end && load<u8>(at, 3) === 0x91 ? errorName(load<u8>(at, 4)) : "error");
      break;
    case 6:
    case 7:
      newOperation(RESPONSE, -1, kind === 6 ? "Reject" : "Abort", false);
      setError(kind === 6 ? "rejected" : "aborted");
      break;
    default:
      return false;
  }
  setTransaction(load<u8>(at, 1));
  return true;
}

// @ts-ignore: decorator
@inline
function isWriting(code: u8): bool {
  return code === 7 || (code >= 8 && code <= 11) || (code >= 15 && code <= 17) || code === 20;
}
