import {Event} from "../../meter/layout";
import {mayBecomeTls} from "../parsers/index";
import {HANDSHAKE} from "../parsers/tls/handshake-reader";
import {recogniseTls} from "../protocols/tls";
import {dropOpening, keepEarly, newOpening, Opening} from "./opening";
import {LDAP, POSTGRESQL, Reading} from "./reading";

/** Where a connection of another protocol turns to TLS: whether it does, and what is kept until that is known. */

/** Length of a record's header and the type of the message in it. */
const RECORD_HEADER: usize = 6;

/** Whether TLS begins within a protocol that it may follow: a whole beginning of a ClientHello, which none of them sends. */
export function isCaughtTls(own: Reading, event: Event, start: usize, end: usize): bool {
  if (!mayBecomeTls(own.protocol) || event.direction !== 0 || end < start + 44) return false;
  // A record of a handshake, a ClientHello that is four bytes shorter or goes on in the next, its version.
  return recogniseTls(event, start, end) && load<u8>(start, 5) === 1 && load<u8>(start, 6) === 0 && load<u8>(start, 9) === 3;
}

/** Whether a client goes on as before where TLS was agreed to: what a proxy opened was captured behind it. */
export function goesOnInClear(own: Reading, event: Event, start: usize, end: usize): bool {
  if (own.waited > 1 || event.direction !== 0 || end - start < RECORD_HEADER || !mayBecomeTls(own.protocol)) return false;
  const first = load<u8>(start);
  return isLetter(first) || (own.protocol === LDAP && first === 0x30) || (own.protocol === POSTGRESQL && first === 0);
}

// @ts-ignore: decorator
@inline
function isLetter(byte: u8): bool {
  return <u32>(byte | 0x20) - 0x61 < 26;
}

/** Whether a payload begins a ClientHello, or may, where it is shorter than a record's header. */
export function mayBeginTls(event: Event, start: usize, end: usize): bool {
  if (end - start >= RECORD_HEADER) return recogniseTls(event, start, end);
  if (event.direction !== 0 || event.cut !== 0 || end <= start || load<u8>(start) !== HANDSHAKE) return false;
  return (end - start < 2 || load<u8>(start, 1) === 3) && (end - start < 3 || load<u8>(start, 2) <= 4);
}

/** Keeps a client's payload that may be a later piece of its ClientHello; of many, the last ones. */
export function keepForTls(own: Reading, event: Event, start: usize, end: usize): void {
  if (event.cut !== 0) return;
  if (own.parser === 0) own.parser = <u32>newOpening();
  if (own.parser === 0 || keepEarly(changetype<Opening>(<usize>own.parser), event, start, end)) return;
  dropKept(own);
}

/** Lets go of what was kept of a flow whose turn to TLS is waited for. */
export function dropKept(own: Reading): void {
  if (own.parser !== 0) dropOpening(changetype<Opening>(<usize>own.parser));
  own.parser = 0;
}
