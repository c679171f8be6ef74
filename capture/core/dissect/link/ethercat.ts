import {addressText, newOperation, REQUEST, RESPONSE, setAddressEnd, setPoints, setUnit} from "../parsers/industrial/operation";
import {appendCode} from "../parsers/industrial/range";

/**
 * EtherCAT (ETG.1000.4 §5): commands one behind another, each with an address, a length and a counter of the slaves that
 * worked on it, which is 0 on the way to the first of them. Reads the one at `at`; where the next one begins, 0 where
 * none was read.
 */
export function readEthercat(start: usize, end: usize, at: usize): usize {
  if (start + 2 > end) return 0;
  const header = load<u16>(start);
  const last = min(end, start + 2 + <usize>(header & 0x7ff));
  if (header >> 12 !== 1 || at + 12 > last) return 0;
  const command = load<u8>(at);
  const length = <usize>(load<u16>(at, 6) & 0x7ff);
  if (command > 14) return 0;
  const counter = at + 10 + length;
  const worked = counter + 2 <= last ? load<u16>(counter) : 0;
  newOperation(worked === 0 ? REQUEST : RESPONSE, command, commandName(command), isWriting(command));
  setPoints(<i32>length);
  if (command >= 10 && command <= 12) setAddressEnd(appendCode(load<u32>(at, 2), addressText));
  else if (command !== 0) {
    const station = load<u16>(at, 2);
    // A position is counted up by each slave from a negative number on; a broadcast's counts them.
    if (command === 4 || command === 5 || command === 6 || command === 14) setUnit(station);
    setAddressEnd(appendCode(load<u16>(at, 4), addressText));
  }
  return counter + 2;
}

// @ts-ignore: decorator
@inline
function isWriting(command: u8): bool {
  return command === 2 || command === 3 || command === 5 || command === 6 || command === 8 || command === 9 || command === 11 || command === 12;
}

function commandName(command: u8): string {
  switch (command) {
    case 0: return "NOP";
    case 1: return "APRD";
    case 2: return "APWR";
    case 3: return "APRW";
    case 4: return "FPRD";
    case 5: return "FPWR";
    case 6: return "FPRW";
    case 7: return "BRD";
    case 8: return "BWR";
    case 9: return "BRW";
    case 10: return "LRD";
    case 11: return "LWR";
    case 12: return "LRW";
    case 13: return "ARMW";
    case 14: return "FRMW";
  }
  return "unknown";
}
