import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Gnutella by its handshake (Gnutella protocol 0.6 §2.1), or a datagram of its hosts' search. */
export function recogniseGnutella(event: Event, start: usize, end: usize): bool {
  if (event.proto === TCP) return isText(start, end, "GNUTELLA CONNECT/") || isText(start, end, "GNUTELLA/") || isText(start, end, "GND ");
  return isText(start, end, "GND\x02") || isText(start, end, "GND\x05") || isText(start, end, "GNUTELLA");
}

/** Whether it may begin with that byte. */
export function beginsGnutella(byte: u8): bool {
  return byte === 0x47;
}
