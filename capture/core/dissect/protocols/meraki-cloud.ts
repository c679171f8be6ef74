import {Event} from "../../meter/layout";

/** Meraki's devices and their cloud by the word that they begin with, on port 7351. */
export function recogniseMerakiCloud(event: Event, start: usize, end: usize): bool {
  return (event.destinationPort === 7351 || event.sourcePort === 7351) && start + 5 <= end && load<u32>(start) === 0x9128f7fe;
}

/** Whether it may begin with that byte. */
export function beginsMerakiCloud(byte: u8): bool {
  return byte === 0xfe;
}
