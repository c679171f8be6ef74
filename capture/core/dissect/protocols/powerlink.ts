import {Event} from "../../meter/layout";

const PORT = 3819;

/** Ethernet POWERLINK over UDP: service data objects by its port and the header of an asynchronous frame (EPSG DS 301 §6.3.2). */
export function recognisePowerlink(event: Event, start: usize, end: usize): bool {
  if (event.sourcePort !== PORT && event.destinationPort !== PORT) return false;
  return start + 12 <= end && load<u8>(start, 3) === 5 && load<u8>(start, 5) <= 0x1f;
}

/** Whether it may begin with that byte. */
export function beginsPowerlink(byte: u8): bool {
  return byte === 6;
}
