import {OUTPUT_ROWS} from "../meter/output";
import {openSlots} from "../meter/snapshot";
import {clearDictionary, Dictionary, intern, openDictionary} from "./dictionary";
import {allocate} from "./heap";
import {lookUpNames} from "./names";
import {continuedOf, readingOf} from "./streams/reading";

/** What was found of the finished flows in the output, by row: columns of `flows`. */

/** Which of the columns of texts. */
const SERVER_NAME = 0;
const JA4 = 1;
const PROXIED_IP = 2;
const DNS_NAME = 3;
const TEXTS = 4;

/** Codes of services by row, and of each column of texts; and what the latter stand for. */
let services: usize = 0;
let insides: usize = 0;
let codes: usize = 0;
const dictionaries = memory.data(144);

/** Takes memory for the columns; to be called where the heap begins anew. */
export function openFlowNames(): void {
  services = allocate(OUTPUT_ROWS * 4);
  insides = allocate(OUTPUT_ROWS * 4);
  codes = allocate(TEXTS * OUTPUT_ROWS * 4);
  for (let text = 0; text < TEXTS; text++) openDictionary(dictionaryOf(text));
  clearColumns();
}

// @ts-ignore: decorator
@inline
function dictionaryOf(text: i32): Dictionary {
  return changetype<Dictionary>(dictionaries + <usize>text * offsetof<Dictionary>());
}

/** Names a row: codes of its service and of that inside (0: NULL), and texts kept in the heap (0: NULL). */
export function nameRow(row: usize, service: u16, inside: u16, serverName: usize, ja4: usize, proxiedIp: usize): void {
  store<i32>(services + (row << 2), <i32>service - 1);
  store<i32>(insides + (row << 2), <i32>inside - 1);
  if (serverName !== 0) setText(SERVER_NAME, row, serverName);
  if (ja4 !== 0) setText(JA4, row, ja4);
  if (proxiedIp !== 0) setText(PROXIED_IP, row, proxiedIp);
}

function setText(text: i32, row: usize, kept: usize): void {
  store<i32>(codesOf(text) + (row << 2), intern(dictionaryOf(text), kept + 4, load<u32>(kept)));
}

// @ts-ignore: decorator
@inline
function codesOf(text: i32): usize {
  return codes + <usize>text * OUTPUT_ROWS * 4;
}

/** Names the rows of a snapshot as far as their flows are known by now. */
export function nameOpenRows(rows: i32): void {
  for (let row: usize = 0; row < <usize>rows; row++) {
    const own = readingOf(load<i32>(openSlots + (row << 2)));
    const before = continuedOf(own);
    if (own.continued !== 0) nameRow(row, before.service, before.inside, before.serverName, before.ja4, before.proxiedIp);
    else nameRow(row, own.service, own.inside, own.serverName, own.ja4, own.proxiedIp);
  }
}

/** Looks up the names of the output's first rows (`dns_name`). */
export function nameByDns(rows: i32): void {
  clearDictionary(dictionaryOf(DNS_NAME));
  lookUpNames(rows, codesOf(DNS_NAME), dictionaryOf(DNS_NAME));
}

/** Where the codes of services inside are. */
export function insidesColumn(): usize {
  return insides;
}

/** The batch's columns: 0 where codes of services are; of text `n`: 3n + 1 where its codes, 3n + 2 where its texts are, 3n + 3 bytes of those. */
export function namesColumn(number: i32): usize {
  if (number === 0) return services;
  const text = (number - 1) / 3;
  const kind = (number - 1) % 3;
  const dictionary = dictionaryOf(text);
  return kind === 0 ? codesOf(text) : kind === 1 ? <usize>dictionary.bytes : <usize>dictionary.used;
}

/** Distinct texts of column `text` of the batch. */
export function namesCount(text: i32): i32 {
  return dictionaryOf(text).count;
}

/** Begins the next batch, with all rows NULL. */
export function clearColumns(): void {
  memory.fill(services, 0xff, OUTPUT_ROWS * 4);
  memory.fill(insides, 0xff, OUTPUT_ROWS * 4);
  memory.fill(codes, 0xff, DNS_NAME * OUTPUT_ROWS * 4);
  for (let text = 0; text < DNS_NAME; text++) clearDictionary(dictionaryOf(text));
}
