import {Event} from "../../meter/layout";

const PORT = 64738;

/** Mumble by its port, and the ping of a server list or its answer (Mumble protocol, UDP). */
export function recogniseMumble(event: Event, start: usize, end: usize): bool {
  if (event.sourcePort !== PORT && event.destinationPort !== PORT) return false;
  return event.destinationPort === PORT ? end - start === 12 && load<u32>(start) === 0 : end - start === 24 && load<u8>(start, 1) <= 1;
}

/** Whether it may begin with that byte. */
export function beginsMumble(byte: u8): bool {
  return byte === 0;
}
