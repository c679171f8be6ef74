import {Event} from "../../../meter/core/layout";
import {DNS, HTTP, Reading, TLS} from "../reading";
import {beginDns, endDns, takeDns} from "./dns";
import {beginHttp, endHttp, takeHttp} from "./http";
import {beginQuic, endQuic, takeQuic} from "./quic";
import {beginTls, endTls, takeTls} from "./tls";

/** The parsers of the protocols that are read here. */

/** State of a new flow of the protocol; 0 where memory is out. */
export function beginParser(protocol: u8): usize {
  switch (protocol) {
    case DNS:
      return beginDns();
    case TLS:
      return beginTls(true);
    case HTTP:
      return beginHttp();
    default:
      return beginQuic();
  }
}

/** Takes the payload `start .. end` of an event; false: no more are wanted. */
export function takeByParser(protocol: u8, state: usize, reading: Reading, event: Event, start: usize, end: usize): bool {
  switch (protocol) {
    case DNS:
      return takeDns(state, reading, event, start, end);
    case TLS:
      return takeTls(state, reading, event, start, end);
    case HTTP:
      return takeHttp(state, reading, event, start, end);
    default:
      return takeQuic(state, reading, event, start, end);
  }
}

/** Writes what is still open, and lets go of all that is held, the state too. */
export function endParser(protocol: u8, state: usize, reading: Reading, event: Event): void {
  switch (protocol) {
    case DNS:
      return endDns(state, reading, event);
    case TLS:
      return endTls(state, reading, event);
    case HTTP:
      return endHttp(state, reading, event);
    default:
      return endQuic(state, reading, event);
  }
}
