import {Event} from "../../meter/layout";

/** IPsec in UDP of Cisco's clients by the word that their packets to port 10000 begin with. */
export function recogniseCiscoVpn(event: Event, start: usize, end: usize): bool {
  return (event.destinationPort === 10_000 || event.sourcePort === 10_000) && start + 8 <= end && load<u32>(start) === 0x2b7e57fe;
}

/** Whether it may begin with that byte. */
export function beginsCiscoVpn(byte: u8): bool {
  return byte === 0xfe;
}
