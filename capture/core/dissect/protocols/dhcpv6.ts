import {writeAddressText} from "../../encoder/address-text";
import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {
  DHCP_ASSIGNED,
  DHCP_CLIENT,
  DHCP_CLIENT_DUID,
  DHCP_CLIENT_MAC,
  DHCP_DOMAIN,
  DHCP_HOST_NAME,
  DHCP_LEASE_S,
  DHCP_MESSAGE,
  DHCP_PARAMETERS,
  DHCP_REQUESTED,
  DHCP_ROUTER,
  DHCP_SERVER,
  DHCP_TABLE,
  DHCP_TRANSACTION_ID,
  DHCP_VENDOR_CLASS
} from "../columns";
import {addRow, setNull, setNumber, setText, Table, tableAt} from "../rows";
import {flowIdOf, Reading} from "../streams/reading";
import {appendClean, appendHex, appendMac, appendNumber, appendText, clean, cleanAt, cleanLength} from "../text";

/** DHCPv6 (RFC 8415): a row for each message, in the columns of DHCP. */

const CLIENT: u32 = 1;
const IA: u32 = 3;
const TEMPORARY_IA: u32 = 4;
const IA_ADDRESS: u32 = 5;
const PARAMETERS: u32 = 6;
const RELAYED: u32 = 9;
const UNICAST: u32 = 12;
const VENDOR_CLASS: u32 = 16;
const DOMAINS: u32 = 24;
const FULL_NAME: u32 = 39;
/** Messages of relays, and how many are opened one in another (§7.6). */
const RELAY: u8 = 12;
const RELAY_ANSWER: u8 = 13;
const MOST_HOPS = 8;
const MAX_TEXT: u32 = 255;
/** A DUID has 130 bytes at most (§11.1). */
const MAX_DUID: usize = 130;
const MOST_PARAMETERS: usize = 128;

const text: usize = memory.data(2048);

let rows: Table = changetype<Table>(0);
let row: i32 = 0;
/** Content of the option found last. */
let optionEnd: usize = 0;

/** DHCPv6 by message type and option lengths that end with the message (RFC 8415 §8). */
export function recogniseDhcpv6(event: Event, start: usize, end: usize): bool {
  const type = load<u8>(start);
  // A server may answer from any port (§7.2).
  if (!beginsDhcpv6(type) || (!isPort(event.sourcePort) && !isPort(event.destinationPort))) return false;
  if (start + 8 > end) return false;
  let at = optionsOf(start);
  while (at + 4 <= end) at += 4 + u16At(at + 2);
  return at === end;
}

/** Whether it may begin with that byte. */
export function beginsDhcpv6(byte: u8): bool {
  return byte >= 1 && byte <= 36;
}

// @ts-ignore: decorator
@inline
function isPort(port: i32): bool {
  return port === 546 || port === 547;
}

/** Where a message's options begin: those of relays have two addresses before them. */
// @ts-ignore: decorator
@inline
function optionsOf(start: usize): usize {
  const type = load<u8>(start);
  return start + (type === RELAY || type === RELAY_ANSWER ? 34 : 4);
}

/** Takes a message, or the one that relays pass on; more are wanted always. */
export function takeDhcpv6(_state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  for (let hops = 0; hops < MOST_HOPS; hops++) {
    if (start + 4 > end) return true;
    const type = load<u8>(start);
    if (type !== RELAY && type !== RELAY_ANSWER) {
      if (messageName(type).length > 0) writeMessage(event, start, end);
      return true;
    }
    start = optionIn(RELAYED, optionsOf(start), end);
    if (start === 0) return true;
    end = optionEnd;
  }
  return true;
}

/** Where the content of the first option of that code begins, up to `optionEnd`; 0 without. */
function optionIn(code: u32, at: usize, end: usize): usize {
  while (at + 4 <= end) {
    const next = at + 4 + u16At(at + 2);
    if (next > end) return 0;
    if (u16At(at) === code) {
      optionEnd = next;
      return at + 4;
    }
    at = next;
  }
  return 0;
}

function writeMessage(event: Event, start: usize, end: usize): void {
  rows = tableAt(DHCP_TABLE);
  row = addRow(rows, flowIdOf(event), event.time);
  if (row < 0) return;
  const type = load<u8>(start);
  const options = optionsOf(start);
  setEnd(DHCP_MESSAGE, appendText(messageName(type), text));
  setNumber(rows, row, DHCP_TRANSACTION_ID, <f64>(u32At(start) & 0xffffff));
  setNull(rows, row, DHCP_CLIENT);
  setNull(rows, row, DHCP_ROUTER);
  setClient(optionIn(CLIENT, options, end));
  setLease(type === 2 || type === 7, options, end);
  setUnicast(optionIn(UNICAST, options, end));
  // Flags stand before the name (RFC 4704 §4.1).
  const name = optionIn(FULL_NAME, options, end);
  setName(DHCP_HOST_NAME, name === 0 ? 0 : name + 1);
  setName(DHCP_DOMAIN, optionIn(DOMAINS, options, end));
  setVendorClass(optionIn(VENDOR_CLASS, options, end));
  setParameters(optionIn(PARAMETERS, options, end));
}

/** The client's identifier, and the Ethernet address in it: by kind, with a time before it or without (§11.2, §11.4). */
function setClient(at: usize): void {
  if (at === 0 || optionEnd < at + 2) {
    setNull(rows, row, DHCP_CLIENT_DUID);
    return setNull(rows, row, DHCP_CLIENT_MAC);
  }
  setEnd(DHCP_CLIENT_DUID, appendHex(at, min(optionEnd, at + MAX_DUID), text));
  const kind = u16At(at);
  const mac = at + (kind === 1 ? 8 : 4);
  if ((kind === 1 || kind === 3) && optionEnd === mac + 6 && u16At(at + 2) === 1) setEnd(DHCP_CLIENT_MAC, appendMac(mac, text));
  else setNull(rows, row, DHCP_CLIENT_MAC);
}

/** The first address of an association, which servers give and clients ask for, and how long it is valid (§21.6). */
function setLease(isServer: bool, options: usize, end: usize): void {
  const column = isServer ? DHCP_ASSIGNED : DHCP_REQUESTED;
  setNull(rows, row, isServer ? DHCP_REQUESTED : DHCP_ASSIGNED);
  let address = inAssociation(optionIn(IA, options, end), 12);
  if (address === 0) address = inAssociation(optionIn(TEMPORARY_IA, options, end), 4);
  if (address === 0) {
    setNull(rows, row, column);
    return setNumber(rows, row, DHCP_LEASE_S, NaN);
  }
  setEnd(column, writeAddressText(address, 6, text));
  setNumber(rows, row, DHCP_LEASE_S, isServer ? <f64>u32At(address + 20) : NaN);
}

/** The first address among the options of an association, behind `head` bytes of it; 0 without. */
function inAssociation(at: usize, head: usize): usize {
  if (at === 0) return 0;
  const address = optionIn(IA_ADDRESS, at + head, optionEnd);
  return address !== 0 && optionEnd - address >= 24 ? address : 0;
}

function setUnicast(at: usize): void {
  if (at === 0 || optionEnd !== at + 16) setNull(rows, row, DHCP_SERVER);
  else setEnd(DHCP_SERVER, writeAddressText(at, 6, text));
}

/** A name in the form of DNS, up to its root or the option's end. */
function setName(column: i32, at: usize): void {
  if (at === 0) return setNull(rows, row, column);
  let to = text;
  while (at < optionEnd && load<u8>(at) > 0 && load<u8>(at) < 64 && at + 1 + <usize>load<u8>(at) <= optionEnd && to - text < <usize>MAX_TEXT) {
    if (to > text) store<u8>(to++, 0x2e);
    const next = at + 1 + <usize>load<u8>(at);
    to = appendClean(at + 1, next, to);
    at = next;
  }
  if (to === text) setNull(rows, row, column);
  else setEnd(column, to);
}

/** Number of an enterprise; then texts with their lengths, of which the first is told (§21.16). */
function setVendorClass(at: usize): void {
  const start = at + 6;
  const end: usize = at === 0 || start > optionEnd ? 0 : start + <usize>u16At(at + 4);
  if (end <= start || end > optionEnd) return setNull(rows, row, DHCP_VENDOR_CLASS);
  clean(start, end, MAX_TEXT);
  setText(rows, row, DHCP_VENDOR_CLASS, cleanAt, cleanLength);
}

function setParameters(at: usize): void {
  if (at === 0 || optionEnd < at + 2) return setNull(rows, row, DHCP_PARAMETERS);
  let to = text;
  const end = min(optionEnd, at + 2 * MOST_PARAMETERS);
  for (let code = at; code + 2 <= end; code += 2) {
    if (code > at) store<u8>(to++, 0x2c);
    to = appendNumber(u16At(code), to);
  }
  setEnd(DHCP_PARAMETERS, to);
}

function messageName(type: u8): string {
  switch (type) {
    case 1: return "solicit";
    case 2: return "advertise";
    case 3: return "request";
    case 4: return "confirm";
    case 5: return "renew";
    case 6: return "rebind";
    case 7: return "reply";
    case 8: return "release";
    case 9: return "decline";
    case 10: return "reconfigure";
    case 11: return "information";
  }
  return "";
}

function setEnd(column: i32, end: usize): void {
  setText(rows, row, column, text, <u32>(end - text));
}
