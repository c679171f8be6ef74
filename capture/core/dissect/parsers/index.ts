import {Event} from "../../meter/layout";
import {isFtpTunnel} from "../protocols/ftp";
import {httpTunnel} from "../protocols/http";
import {isLdapTls} from "../protocols/ldap";
import {proxyTunnel} from "../protocols/proxy";
import {isRdpTls} from "../protocols/rdp";
import {isSmtpTunnel} from "../protocols/smtp";
import {socksTunnel} from "../protocols/socks";
import {FTP, HTTP, IMAP, LDAP, MYSQL, POP3, POSTGRESQL, PROXY, RDP, Reading, SMTP, SOCKS} from "../streams/reading";
import {isDatabaseTls} from "./databases/database";
import {isMailboxTls} from "./mail/mailbox";
import {TUNNEL, tunnelWithin} from "./tunnel";

/** The parsers of the protocols that are read here, by the protocols' numbers. */

/** State of a new flow of the protocol; 0 where memory is out. */
type Begin = () => usize;
/** Takes the payload `start .. end` of an event; false: no more are wanted. */
type Take = (state: usize, reading: Reading, event: Event, start: usize, end: usize) => bool;
/** Writes what is still open, and lets go of all that is held, the state too. */
type End = (state: usize, reading: Reading, event: Event) => void;

@unmanaged
class Parser {
  /** Functions, as the addresses of their references. */
  begin: u32 = 0;
  take: u32 = 0;
  end: u32 = 0;
}

/** By number, and behind those the tunnel's. */
const parsers = memory.data(12300);

// @ts-ignore: decorator
@inline
function parserOf(protocol: u16): Parser {
  return changetype<Parser>(parsers + <usize>protocol * offsetof<Parser>());
}

/** Gives the protocol of that number its parser. */
export function parse(protocol: u16, begin: Begin, take: Take, end: End): void {
  const parser = parserOf(protocol);
  parser.begin = <u32>changetype<usize>(begin);
  parser.take = <u32>changetype<usize>(take);
  parser.end = <u32>changetype<usize>(end);
}

export function beginParser(protocol: u16): usize {
  return changetype<Begin>(<usize>parserOf(protocol).begin)();
}

export function takeByParser(protocol: u16, state: usize, reading: Reading, event: Event, start: usize, end: usize): bool {
  return changetype<Take>(<usize>parserOf(protocol).take)(state, reading, event, start, end);
}

/** Whether TLS may follow in a connection of the protocol, where both agree to it. */
export function mayBecomeTls(protocol: u16): bool {
  return protocol === FTP || protocol === SMTP || protocol === IMAP || protocol === POP3 || protocol === MYSQL || protocol === POSTGRESQL || protocol === LDAP;
}

/** Whether TLS may follow in the same connection, of which the parser wants no more. */
export function mayTurnTls(protocol: u16, state: usize): bool {
  if (protocol === FTP) return isFtpTunnel(state);
  if (protocol === RDP) return isRdpTls(state);
  if (protocol === SMTP) return isSmtpTunnel(state);
  if (protocol === MYSQL || protocol === POSTGRESQL) return isDatabaseTls(state);
  if (protocol === IMAP || protocol === POP3) return isMailboxTls(state);
  return protocol === SOCKS || (protocol === LDAP && isLdapTls(state));
}

/** The tunnel that the connection, of which the parser wants no more, has become; else 0. */
export function tunnelBehind(protocol: u16, state: usize): usize {
  switch (protocol) {
    case HTTP: return httpTunnel(state);
    case SOCKS: return socksTunnel(state);
    case PROXY: return proxyTunnel(state);
    case TUNNEL: return tunnelWithin(state);
  }
  return 0;
}

export function endParser(protocol: u16, state: usize, reading: Reading, event: Event): void {
  changetype<End>(<usize>parserOf(protocol).end)(state, reading, event);
}
