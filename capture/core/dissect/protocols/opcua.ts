import {Event} from "../../meter/layout";
import {openIndustrial} from "../parsers/industrial/flow";
import {readOpcua} from "../parsers/industrial/opcua";
import {isText} from "../text";

/** OPC UA's binary protocol by the header of its messages: type, chunk and size (OPC 10000-6 §7.1.2). */
export function recogniseOpcua(event: Event, start: usize, end: usize): bool {
  if (start + 8 > end) return false;
  const size = load<u32>(start, 4);
  const length = <u32>(end - start) + <u32>event.cut;
  if (isText(start, end, "HELF") || isText(start, end, "ACKF") || isText(start, end, "ERRF") || isText(start, end, "RHEF")) return size >= 16 && size <= length;
  const chunk = load<u8>(start, 3);
  const isChunk = chunk === 0x46 || chunk === 0x43 || chunk === 0x41;
  return isChunk && (isText(start, end, "OPN") || isText(start, end, "MSG") || isText(start, end, "CLO")) && size >= 12 && size <= 0xffffff;
}

/** Whether it may begin with that byte. */
export function beginsOpcua(byte: u8): bool {
  return byte === 0x48 || byte === 0x41 || byte === 0x45 || byte === 0x52 || byte === 0x4f || byte === 0x4d || byte === 0x43;
}

const PORT: u16 = 4840;

/** State of a new flow; 0 where memory is out. */
export function beginOpcua(): usize {
  return openIndustrial("opcua", PORT, frameLength, readOpcua);
}

function frameLength(at: usize, _end: usize): usize {
  const size = load<u32>(at, 4);
  const chunk = load<u8>(at, 3);
  return (chunk === 0x46 || chunk === 0x43 || chunk === 0x41) && size >= 8 && size <= 0xffff ? <usize>size : 0;
}
