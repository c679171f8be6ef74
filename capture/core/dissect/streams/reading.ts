import {Event} from "../../meter/layout";
import {READING_BYTES, readings} from "../../meter/memory";
import {dropText, keepText, release} from "../heap";

/** What is known of a live flow's payloads, by its slot. */
@unmanaged
export class Reading {
  /** The protocol that its parser is of. */
  protocol: u16 = 0;
  /** `flows.service` as a code: its place among the service names plus one, 0 is NULL. */
  service: u16 = 0;
  /** `flows.service_inside` as such a code. */
  inside: u16 = 0;
  /** Who takes its payloads. */
  owner: u8 = 0;
  /** A bit for each direction whose first bytes were seen. */
  begun: u8 = 0;
  /** Payloads looked at without success. */
  tries: u8 = 0;
  /** Of a recognised flow whose turn to TLS is waited for: payloads looked at, up to two, and what they cost (`costOf`). */
  waited: u8 = 0;
  costForTls: u16 = 0;
  /** State of the parser. */
  parser: u32 = 0;
  /** Texts kept in the heap; 0 is NULL. */
  serverName: u32 = 0;
  ja4: u32 = 0;
  proxiedIp: u32 = 0;
  /** Names of the flow that this one continues (`Continued`), which go before its own; 0 without. */
  continued: u32 = 0;
}

/** What a flow was found to be that goes on in another one. */
@unmanaged
export class Continued {
  service: u16 = 0;
  inside: u16 = 0;
  /** Texts kept in the heap; 0 is NULL. */
  serverName: u32 = 0;
  ja4: u32 = 0;
  proxiedIp: u32 = 0;
}

/**
 * Owners: nobody yet; a parser; nobody any more; a parser may follow where TLS begins; nobody yet, a short first payload
 * (kept in `parser`, its direction in `protocol`) waits for the bytes behind it.
 */
export const NOBODY: u8 = 0;
export const PARSER: u8 = 1;
export const MUTED: u8 = 2;
export const UNTIL_TLS: u8 = 3;
export const AWAITING: u8 = 4;

/** Protocols that have parsers; codes of services are the same numbers plus one. */
export const DNS: u8 = 0;
export const MDNS: u8 = 1;
export const LLMNR: u8 = 2;
export const TLS: u8 = 3;
export const HTTP: u8 = 4;
export const QUIC: u8 = 5;
export const SSH: u8 = 6;
export const FTP: u8 = 7;
export const SMB: u8 = 8;
export const NETBIOS: u8 = 9;
export const RTP: u8 = 10;
export const DCERPC: u8 = 11;
export const SOCKS: u8 = 12;
export const PROXY: u8 = 13;
export const DTLS: u8 = 14;
export const LDAP: u8 = 15;
export const TFTP: u8 = 16;
export const FTP_DATA: u8 = 17;
export const DHCP: u8 = 18;
export const SMTP: u8 = 19;
export const RDP: u8 = 20;
export const MYSQL: u8 = 21;
export const POSTGRESQL: u8 = 22;
export const IMAP: u8 = 23;
export const POP3: u8 = 24;
export const HTTP2: u8 = 25;
export const DCC: u8 = 26;
/** How many they are. */
export const READ: u8 = 27;

// @ts-ignore: decorator
@inline
export function readingOf(slot: i32): Reading {
  return changetype<Reading>(readings + <usize>slot * READING_BYTES);
}

/** Of a flow that continues another one: the other's names. */
// @ts-ignore: decorator
@inline
export function continuedOf(reading: Reading): Continued {
  return changetype<Continued>(<usize>reading.continued);
}

/** Names the flow's server; the first name seen stays. */
export function nameServer(reading: Reading, at: usize, length: u32): void {
  if (reading.serverName === 0) reading.serverName = <u32>keepText(at, length);
}

/** Names the flow's client by its fingerprint; the first one stays. */
export function nameClient(reading: Reading, at: usize, length: u32): void {
  if (reading.ja4 === 0) reading.ja4 = <u32>keepText(at, length);
}

/** Names what the flow carries within its service, by a code of services; the first name stays. */
export function nameInside(reading: Reading, code: u16): void {
  if (reading.inside === 0) reading.inside = code;
}

/** Forgets all of a flow that has ended. */
export function clearReading(reading: Reading): void {
  dropText(reading.serverName);
  dropText(reading.ja4);
  dropText(reading.proxiedIp);
  if (reading.continued !== 0) {
    const continued = continuedOf(reading);
    dropText(continued.serverName);
    dropText(continued.ja4);
    dropText(continued.proxiedIp);
    release(<usize>reading.continued, offsetof<Continued>());
  }
  memory.fill(changetype<usize>(reading), 0, READING_BYTES);
}

/** Of an event: the flow's identifier, and where its addresses stand (0 the originator's, 1 the responder's). */
// @ts-ignore: decorator
@inline
export function flowIdOf(event: Event): u64 {
  // Loaded as unsigned: Binaryen makes a signed load of a signed field that is cast and then extended.
  const at = changetype<usize>(event);
  return (<u64>load<u32>(at, offsetof<Event>("flowHigh")) << 32) | <u64>load<u32>(at, offsetof<Event>("flowLow"));
}

// @ts-ignore: decorator
@inline
export function addressOf(event: Event, side: i32): usize {
  return changetype<usize>(event) + offsetof<Event>("originatorA") + (<usize>side << 4);
}
