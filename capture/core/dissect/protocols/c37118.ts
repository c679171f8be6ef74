import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {openIndustrial} from "../parsers/industrial/flow";
import {newOperation, REPORT, REQUEST, RESPONSE, setUnit} from "../parsers/industrial/operation";

/** Largest frame of which the checksum is made. */
const MAX_FRAME: usize = 4096;

/** Synchrophasors, IEEE C37.118.2 (§6.2): a sync word with frame type and version, the frame's size and its checksum. */
export function recogniseC37118(_event: Event, start: usize, end: usize): bool {
  const type = load<u8>(start, 1);
  if (start + 16 > end || type >> 4 > 5 || (type & 15) === 0 || (type & 15) > 3) return false;
  const size = <usize>u16At(start + 2);
  if (size < 16 || size > MAX_FRAME || start + size > end) return false;
  return <u32>checksum(start, start + size - 2) === u16At(start + size - 2);
}

/** Whether it may begin with that byte. */
export function beginsC37118(byte: u8): bool {
  return byte === 0xaa;
}

/** CRC-CCITT, initial value of all ones (annex B). */
function checksum(start: usize, end: usize): u16 {
  let crc: u16 = 0xffff;
  for (let at = start; at < end; at++) {
    crc ^= <u16>load<u8>(at) << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) !== 0 ? (crc << 1) ^ 0x1021 : crc << 1;
  }
  return crc;
}

const PORT: u16 = 4712;

/** State of a new flow; 0 where memory is out. */
export function beginC37118(): usize {
  return openIndustrial("c37118", PORT, frameLength, readFrame);
}

function frameLength(at: usize, _end: usize): usize {
  const size = <usize>u16At(at + 2);
  return load<u8>(at) === 0xaa && size >= 16 ? size : 0;
}

/** Data come unasked; a command (§6.6) asks for headers and configurations, or turns the data on and off. */
function readFrame(at: usize, end: usize, _isAnswer: bool): bool {
  const type = <i32>(load<u8>(at, 1) >> 4);
  const command = type === 4 && at + 18 <= end ? <i32>u16At(at + 14) : 0;
  newOperation(type === 4 ? REQUEST : type === 0 ? REPORT : RESPONSE, type, type === 4 ? commandName(command) : frameName(type), command === 1 || command === 2 || command === 8);
  setUnit(u16At(at + 4));
  return true;
}

function frameName(type: i32): string {
  switch (type) {
    case 0: return "Data";
    case 1: return "Header";
    case 2: return "Configuration 1";
    case 3: return "Configuration 2";
    case 5: return "Configuration 3";
  }
  return "unknown";
}

function commandName(command: i32): string {
  switch (command) {
    case 1: return "Turn off transmission";
    case 2: return "Turn on transmission";
    case 3: return "Send header";
    case 4: return "Send configuration 1";
    case 5: return "Send configuration 2";
    case 6: return "Send configuration 3";
    case 8: return "Extended frame";
  }
  return "Command";
}
