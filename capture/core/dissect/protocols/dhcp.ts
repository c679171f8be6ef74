import {writeAddressText} from "../../encoder/address-text";
import {u32At} from "../../meter/bytes";
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
import {countMalformed} from "../streams/held";
import {flowIdOf, Reading} from "../streams/reading";
import {appendMac, appendNumber, appendText, clean, cleanAt, cleanLength} from "../text";

/** DHCP (RFC 2131, RFC 2132): a row for each message. */

const OPTIONS: usize = 240;
const MAX_TEXT: u32 = 255;

const text: usize = memory.data(2048);

/** By option, where its content is in the message under way, 0 where it has none; the first one counts. */
const options: usize = memory.data(1024);

/** DHCP and BOOTP by the magic cookie (RFC 2131 §3). */
export function recogniseDhcp(_event: Event, start: usize, end: usize): bool {
  return start + OPTIONS <= end && beginsDhcp(load<u8>(start)) && u32At(start + 236) === 0x63825363;
}

/** Whether it may begin with that byte. */
export function beginsDhcp(byte: u8): bool {
  return byte === 1 || byte === 2;
}

/** Takes a message; more are wanted always. */
export function takeDhcp(_state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  if (!recogniseDhcp(event, start, end)) return true;
  if (!findOptions(start + OPTIONS, end) && event.cut === 0) countMalformed();
  const rows = tableAt(DHCP_TABLE);
  const row = addRow(rows, flowIdOf(event), event.time);
  if (row < 0) return true;
  setEnd(rows, row, DHCP_MESSAGE, appendText(messageName(), text));
  setNumber(rows, row, DHCP_TRANSACTION_ID, <f64>u32At(start + 4));
  if (load<u8>(start, 1) === 1 && load<u8>(start, 2) === 6) setEnd(rows, row, DHCP_CLIENT_MAC, appendMac(start + 28, text));
  else setNull(rows, row, DHCP_CLIENT_MAC);
  setNull(rows, row, DHCP_CLIENT_DUID);
  setAddress(rows, row, DHCP_CLIENT, start + 12);
  setAddress(rows, row, DHCP_ASSIGNED, start + 16);
  setAddress(rows, row, DHCP_REQUESTED, addressOption(50));
  setAddress(rows, row, DHCP_SERVER, addressOption(54));
  setAddress(rows, row, DHCP_ROUTER, addressOption(3));
  setOption(rows, row, DHCP_VENDOR_CLASS, 60, 0);
  setOption(rows, row, DHCP_DOMAIN, 15, 0);
  // The full name follows three bytes (RFC 4702 §2); one in the form of DNS is passed over.
  const full = optionAt(81);
  const isText = full !== 0 && load<u8>(full - 1) > 3 && (load<u8>(full) & 4) === 0;
  if (optionAt(12) === 0 && isText) setOption(rows, row, DHCP_HOST_NAME, 81, 3);
  else setOption(rows, row, DHCP_HOST_NAME, 12, 0);
  setParameters(rows, row);
  const lease = optionAt(51);
  setNumber(rows, row, DHCP_LEASE_S, lease !== 0 && load<u8>(lease - 1) === 4 ? <f64>u32At(lease) : NaN);
  return true;
}

/** Notes where options are; false where they run past the end. */
function findOptions(at: usize, end: usize): bool {
  memory.fill(options, 0, 1024);
  while (at < end) {
    const code = load<u8>(at);
    if (code === 255) return true;
    if (code === 0) {
      at++;
      continue;
    }
    if (at + 2 > end || at + 2 + <usize>load<u8>(at, 1) > end) return false;
    const place = options + (<usize>code << 2);
    if (load<u32>(place) === 0) store<u32>(place, <u32>(at + 2));
    at += 2 + <usize>load<u8>(at, 1);
  }
  return true;
}

/** Where an option's content is, 0 without; its length is the byte before. */
// @ts-ignore: decorator
@inline
function optionAt(code: usize): usize {
  return <usize>load<u32>(options + (code << 2));
}

function messageName(): string {
  const at = optionAt(53);
  switch (at === 0 || load<u8>(at - 1) === 0 ? <u8>0 : load<u8>(at)) {
    case 1: return "discover";
    case 2: return "offer";
    case 3: return "request";
    case 4: return "decline";
    case 5: return "ack";
    case 6: return "nak";
    case 7: return "release";
    case 8: return "inform";
  }
  return "bootp";
}

function addressOption(code: usize): usize {
  const at = optionAt(code);
  return at !== 0 && load<u8>(at - 1) >= 4 ? at : 0;
}

/** An address that is not 0.0.0.0. */
function setAddress(rows: Table, row: i32, column: i32, at: usize): void {
  if (at === 0 || load<u32>(at) === 0) setNull(rows, row, column);
  else setEnd(rows, row, column, writeAddressText(at, 4, text));
}

/** A text, from its `skip`th byte on, without zeros at its end. */
function setOption(rows: Table, row: i32, column: i32, code: usize, skip: usize): void {
  const at = optionAt(code);
  if (at === 0) return setNull(rows, row, column);
  const start = at + skip;
  let end = at + load<u8>(at - 1);
  while (end > start && load<u8>(end - 1) === 0) end--;
  if (end <= start) return setNull(rows, row, column);
  clean(start, end, MAX_TEXT);
  setText(rows, row, column, cleanAt, cleanLength);
}

function setParameters(rows: Table, row: i32): void {
  const at = optionAt(55);
  if (at === 0) return setNull(rows, row, DHCP_PARAMETERS);
  let to = text;
  const count = <usize>load<u8>(at - 1);
  for (let i: usize = 0; i < count; i++) {
    if (i > 0) store<u8>(to++, 0x2c);
    to = appendNumber(load<u8>(at + i), to);
  }
  setEnd(rows, row, DHCP_PARAMETERS, to);
}

function setEnd(rows: Table, row: i32, column: i32, end: usize): void {
  setText(rows, row, column, text, <u32>(end - text));
}
