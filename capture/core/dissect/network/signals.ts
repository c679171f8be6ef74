import {writeAddressText} from "../../encoder/address-text";
import {u16At} from "../../meter/bytes";
import {ICMP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {
  NETWORK_LAYER_DESTINATION,
  NETWORK_LAYER_KIND,
  NETWORK_LAYER_LIFETIME_S,
  NETWORK_LAYER_NAME_SERVER,
  NETWORK_LAYER_OVERLAP_BYTES,
  NETWORK_LAYER_PREFIX,
  NETWORK_LAYER_PREFIX_BITS,
  NETWORK_LAYER_PREFIXES,
  NETWORK_LAYER_ROUTER,
  NETWORK_LAYER_SRC_MAC,
  NETWORK_LAYER_TABLE
} from "../columns";
import {addRow, setNull, setNumber, setText, Table, tableAt} from "../rows";
import {addressOf, flowIdOf} from "../streams/reading";
import {appendMac, appendText} from "../text";

/** Rows of what messages of IP do to hosts: which router they are to use, and fragments that overlap (meter/signals.ts). */

/** Types that the meter hands on besides advertisements. */
const REDIRECT = 5;
const REDIRECT_6 = 137;
const NEIGHBOUR_6 = 136;
/** Options of an IPv6 advertisement (RFC 4861 §4.6, RFC 8106 §5.1), and how many are looked at. */
const PREFIX: u8 = 3;
const NAME_SERVERS: u8 = 25;
const MAX_OPTIONS = 64;

const text = memory.data(64);
let rows: Table = changetype<Table>(0);
let row: i32 = 0;

/** Writes the row of a signal; `batch`: the batch's bytes. */
export function takeSignal(event: Event, batch: usize): void {
  rows = tableAt(NETWORK_LAYER_TABLE);
  row = addRow(rows, flowIdOf(event), event.time);
  if (row < 0) return;
  for (let column = NETWORK_LAYER_KIND; column <= NETWORK_LAYER_OVERLAP_BYTES; column++) setNothing(column);
  if (event.streamOffset >= 0) set(NETWORK_LAYER_SRC_MAC, appendMac(batch + <usize>event.streamOffset + 6, text));
  if (event.cut !== 0) {
    set(NETWORK_LAYER_KIND, appendText("overlapping_fragments", text));
    setNumber(rows, row, NETWORK_LAYER_OVERLAP_BYTES, event.cut);
    return;
  }
  const start = batch + <usize>event.start;
  const end = batch + <usize>event.end;
  if (event.proto !== ICMP && event.sourcePort === NEIGHBOUR_6) {
    const isAskedFor = start + 5 <= end && (load<u8>(start, 4) & 0x40) !== 0;
    set(NETWORK_LAYER_KIND, appendText(isAskedFor ? "neighbour_advertisement" : "neighbour_announcement", text));
    return setAddress(NETWORK_LAYER_DESTINATION, start + 8, 6, end);
  }
  const isRedirect = event.sourcePort === REDIRECT || event.sourcePort === REDIRECT_6;
  set(NETWORK_LAYER_KIND, appendText(isRedirect ? "redirect" : "router_advertisement", text));
  if (isRedirect) takeRedirect(event.proto === ICMP, start, end);
  else if (event.proto === ICMP) takeAdvertisement4(start, end);
  else takeAdvertisement6(event, start, end);
}

/** Gateway, then the packet that brought it about (RFC 792); target and destination (RFC 4861 §4.5). */
function takeRedirect(isIpv4: bool, start: usize, end: usize): void {
  if (isIpv4) {
    setAddress(NETWORK_LAYER_ROUTER, start + 4, 4, end);
    setAddress(NETWORK_LAYER_DESTINATION, start + 24, 4, end);
  } else {
    setAddress(NETWORK_LAYER_ROUTER, start + 8, 6, end);
    setAddress(NETWORK_LAYER_DESTINATION, start + 24, 6, end);
  }
}

/** Number and size of entries, lifetime; addresses with their preference (RFC 1256 §3). */
function takeAdvertisement4(start: usize, end: usize): void {
  setNumber(rows, row, NETWORK_LAYER_LIFETIME_S, u16At(start + 6));
  if (load<u8>(start, 4) > 0) setAddress(NETWORK_LAYER_ROUTER, start + 8, 4, end);
}

/** Lifetime behind the hop limit and flags; options behind sixteen bytes (RFC 4861 §4.2). */
function takeAdvertisement6(event: Event, start: usize, end: usize): void {
  const source = addressOf(event, event.direction);
  setAddress(NETWORK_LAYER_ROUTER, source, 6, source + 16);
  setNumber(rows, row, NETWORK_LAYER_LIFETIME_S, u16At(start + 6));
  let prefixes = 0;
  let hasServer = false;
  let at = start + 16;
  for (let i = 0; i < MAX_OPTIONS && at + 8 <= end && load<u8>(at, 1) > 0; i++) {
    const option = load<u8>(at);
    if (option === PREFIX && at + 32 <= end && prefixes++ === 0) {
      setAddress(NETWORK_LAYER_PREFIX, at + 16, 6, end);
      setNumber(rows, row, NETWORK_LAYER_PREFIX_BITS, load<u8>(at, 2));
    } else if (option === NAME_SERVERS && !hasServer) {
      hasServer = true;
      setAddress(NETWORK_LAYER_NAME_SERVER, at + 8, 6, end);
    }
    at += <usize>load<u8>(at, 1) << 3;
  }
  setNumber(rows, row, NETWORK_LAYER_PREFIXES, prefixes);
}

// @ts-ignore: decorator
@inline
function isNumber(column: i32): bool {
  return column === NETWORK_LAYER_PREFIX_BITS || column === NETWORK_LAYER_LIFETIME_S || column === NETWORK_LAYER_PREFIXES || column === NETWORK_LAYER_OVERLAP_BYTES;
}

function setNothing(column: i32): void {
  if (isNumber(column)) setNumber(rows, row, column, NaN);
  else setNull(rows, row, column);
}

function set(column: i32, to: usize): void {
  setText(rows, row, column, text, <u32>(to - text));
}

/** Sets an address that is here up to `end`. */
function setAddress(column: i32, at: usize, version: i32, end: usize): void {
  if (at + (version === 4 ? 4 : 16) <= end) set(column, writeAddressText(at, <u8>version, text));
}
