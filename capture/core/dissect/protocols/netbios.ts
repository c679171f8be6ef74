import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {writeAddressText} from "../../encoder/address-text";
import {DNS_ANSWERS, DNS_CLIENT_IP, DNS_QTYPE, DNS_QTYPE_NAME, DNS_QUERY, DNS_RCODE, DNS_RTT_US, DNS_SERVER_IP, DNS_TABLE, DNS_TRANSACTION_ID} from "../columns";
import {setWord} from "../parsers/kept";
import {addRow, setAddress, setNumber, setText, tableAt} from "../rows";
import {addressOf, flowIdOf, Reading} from "../streams/reading";
import {appendClean} from "../text";
import {takeSmb} from "./smb";

const TCP = 6;
const PORT_DATAGRAM = 138;
const PORT_DNS = 53;
const PORT_NAMES = 137;
/** A name's addresses (RFC 1002 §3.2.1.2). */
const TYPE_NAME = 32;
/** A name as letters: its length, 32 of them, and the root. */
const NAME_BYTES: usize = 34;

/** NetBIOS name service, datagrams and session requests (RFC 1002 §4); in a session SMB follows, and names it. */
export function recogniseNetbios(event: Event, start: usize, end: usize): bool {
  const first = load<u8>(start);
  if (event.proto === TCP)
    return first === 0x81 && start + 72 === end && u16At(start + 2) === 68 && isEncodedName(start + 4, end);
  if (event.sourcePort === PORT_DATAGRAM && event.destinationPort === PORT_DATAGRAM)
    return first >= 0x10 && first <= 0x16 && isEncodedName(start + 14, end);
  // The name service's messages have the form of DNS, which port 53 decides.
  if (event.sourcePort === PORT_DNS || event.destinationPort === PORT_DNS) return false;
  return start + 50 <= end && u16At(start + 4) + u16At(start + 6) > 0 && isEncodedName(start + 12, end);
}

/** Takes a payload: answers to questions for names have rows in `dns`; a session is SMB's (false: no more wanted). */
export function takeNetbios(state: usize, reading: Reading, event: Event, start: usize, end: usize): bool {
  if (event.proto === TCP) return takeSmb(state, reading, event, start, end);
  if (event.sourcePort !== PORT_NAMES && event.destinationPort !== PORT_NAMES) return false;
  takeAnswer(event, start, end);
  return true;
}

const name = memory.data(64);
const answers = memory.data(1024);
/** Addresses of one answer that are written. */
const MAX_ADDRESSES: u32 = 32;

/** A positive answer without a question: the name, type, class, time to live, and flags with an address each (RFC 1002 §4.2.13). */
function takeAnswer(event: Event, start: usize, end: usize): void {
  const data = start + 12 + NAME_BYTES + 10;
  if (data > end || (load<u8>(start, 2) & 0xf8) !== 0x80 || (load<u8>(start, 3) & 15) !== 0) return;
  if (u16At(start + 4) !== 0 || u16At(start + 6) === 0 || !isEncodedName(start + 12, end) || u16At(start + 12 + NAME_BYTES) !== TYPE_NAME) return;
  const rows = tableAt(DNS_TABLE);
  const row = addRow(rows, flowIdOf(event), event.time);
  if (row < 0) return;
  setAddress(rows, row, DNS_CLIENT_IP, addressOf(event, 1 - event.direction), event.version);
  setAddress(rows, row, DNS_SERVER_IP, addressOf(event, event.direction), event.version);
  setNumber(rows, row, DNS_TRANSACTION_ID, u16At(start));
  setText(rows, row, DNS_QUERY, name, <u32>(appendName(start + 13, name) - name));
  setNumber(rows, row, DNS_QTYPE, TYPE_NAME);
  setWord(rows, row, DNS_QTYPE_NAME, "NB");
  setNumber(rows, row, DNS_RCODE, 0);
  setText(rows, row, DNS_ANSWERS, answers, <u32>(appendAddresses(data, min(end, data + u16At(data - 2)), answers) - answers));
  setNumber(rows, row, DNS_RTT_US, NaN);
}

/** Fifteen characters of the name without the spaces behind it; the sixteenth says what it stands for. */
function appendName(at: usize, to: usize): usize {
  const plain: usize = answers;
  let length: usize = 0;
  for (let i: usize = 0; i < 15; i++) {
    const byte = ((load<u8>(at + 2 * i) - 0x41) << 4) | (load<u8>(at + 2 * i, 1) - 0x41);
    store<u8>(plain + i, byte);
    if (byte !== 0x20 && byte !== 0) length = i + 1;
  }
  return appendClean(plain, plain + length, to);
}

function appendAddresses(at: usize, end: usize, to: usize): usize {
  store<u8>(to++, 0x5b);
  for (let i: u32 = 0; i < MAX_ADDRESSES && at + 6 <= end; i++, at += 6) {
    if (i > 0) store<u8>(to++, 0x2c);
    store<u8>(to++, 0x22);
    to = writeAddressText(at + 2, 4, to);
    store<u8>(to++, 0x22);
  }
  store<u8>(to++, 0x5d);
  return to;
}

/** RFC 1001 §14.1: sixteen bytes as 32 letters from A to P. */
function isEncodedName(at: usize, end: usize): bool {
  if (at + 34 > end || load<u8>(at) !== 32) return false;
  for (let i = at + 1; i <= at + 32; i++) if (load<u8>(i) < 0x41 || load<u8>(i) > 0x50) return false;
  return true;
}
