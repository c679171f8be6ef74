import {NTLM_CARRIER, NTLM_DOMAIN, NTLM_HOST, NTLM_SERVER_DNS, NTLM_SERVER_DOMAIN, NTLM_SERVER_NAME, NTLM_STATUS, NTLM_SUCCESS, NTLM_TABLE, NTLM_USER} from "../../columns";
import {allocate, dropText, keepText} from "../../heap";
import {addRow, setKept, setNumber, setText, tableAt} from "../../rows";
import {appendText} from "../../text";
import {readUtf16, wideAt, wideLength} from "../../wide-text";
import {AUTHENTICATE, CHALLENGE, DOMAIN, findNtlm, HOST, ntlmType, readField, SERVER_DNS, SERVER_DOMAIN, SERVER_NAME, serverValue, USER} from "./ntlm-message";

/** One NTLM authentication of a connection: the server's names from its challenge, then who answers it. Texts are kept ones. */
@unmanaged
export class NtlmExchange {
  ts: f64 = 0;
  serverName: u32 = 0;
  serverDomain: u32 = 0;
  serverDns: u32 = 0;
  user: u32 = 0;
  domain: u32 = 0;
  host: u32 = 0;
  /** Whether somebody has answered the challenge, and no row is written yet. */
  isOpen: u32 = 0;
  reserved: u32 = 0;
}

/** What the carrier tells of its end. */
export const FAILED: i32 = 0;
export const GRANTED: i32 = 1;
export const UNTOLD: i32 = -1;

const carrierText = memory.data(16);

/** Takes a token that came at `ts`; the type of the NTLM message in it, 0 without one. A row that is open then is finished as untold. */
export function takeNtlm(exchange: NtlmExchange, start: usize, end: usize, ts: f64, id: u64, carrier: string): u32 {
  const at = findNtlm(start, end);
  if (at === 0) return 0;
  const type = ntlmType(at);
  if (type === CHALLENGE) takeChallenge(exchange, at, end);
  else if (type === AUTHENTICATE) {
    finishNtlm(exchange, id, carrier, UNTOLD, NaN);
    exchange.ts = ts;
    exchange.isOpen = 1;
    exchange.user = fieldOf(at, end, USER);
    exchange.domain = fieldOf(at, end, DOMAIN);
    exchange.host = fieldOf(at, end, HOST);
  }
  return type;
}

/** Begins an authentication without messages of NTLM, as old SMB 1 has it: user and domain as kept texts, or 0. */
export function openNtlm(exchange: NtlmExchange, user: usize, domain: usize, ts: f64, id: u64, carrier: string): void {
  finishNtlm(exchange, id, carrier, UNTOLD, NaN);
  exchange.ts = ts;
  exchange.isOpen = 1;
  exchange.user = <u32>user;
  exchange.domain = <u32>domain;
}

function takeChallenge(exchange: NtlmExchange, at: usize, end: usize): void {
  dropServer(exchange);
  exchange.serverName = serverText(at, end, SERVER_NAME);
  exchange.serverDomain = serverText(at, end, SERVER_DOMAIN);
  exchange.serverDns = serverText(at, end, SERVER_DNS);
}

function serverText(at: usize, end: usize, kind: u16): u32 {
  const value = serverValue(at, end, kind);
  return value !== 0 && readUtf16(value + 2, <usize>load<u16>(value), end) ? keepWide() : 0;
}

function fieldOf(at: usize, end: usize, field: usize): u32 {
  return readField(at, end, field) ? keepWide() : 0;
}

/** Keeps the text last read by wide-text.ts; 0 of an empty one. */
export function keepWide(): u32 {
  return wideLength === 0 ? 0 : <u32>keepText(wideAt, wideLength);
}

/** Who authenticates, `DOMAIN\user`, as a kept text of the caller's; 0 of an anonymous one. */
export function accountOf(exchange: NtlmExchange): usize {
  const user = <usize>exchange.user;
  if (user === 0) return 0;
  const domain = <usize>exchange.domain;
  if (domain === 0) return keepText(user + 4, load<u32>(user));
  const length = load<u32>(domain) + 1 + load<u32>(user);
  const text = allocate(<usize>length + 4);
  if (text === 0) return 0;
  store<u32>(text, length);
  memory.copy(text + 4, domain + 4, load<u32>(domain));
  store<u8>(text + 4 + load<u32>(domain), 0x5c);
  memory.copy(text + 5 + load<u32>(domain), user + 4, load<u32>(user));
  return text;
}

/** Writes the row of an open authentication, of flow `id`; nothing without one. `success`: GRANTED, FAILED, UNTOLD. */
export function finishNtlm(exchange: NtlmExchange, id: u64, carrier: string, success: i32, status: f64): void {
  if (exchange.isOpen === 0) return;
  exchange.isOpen = 0;
  const rows = tableAt(NTLM_TABLE);
  const row = addRow(rows, id, exchange.ts);
  if (row >= 0) {
    setText(rows, row, NTLM_CARRIER, carrierText, <u32>(appendText(carrier, carrierText) - carrierText));
    setKept(rows, row, NTLM_USER, exchange.user);
    setKept(rows, row, NTLM_DOMAIN, exchange.domain);
    setKept(rows, row, NTLM_HOST, exchange.host);
    setKept(rows, row, NTLM_SERVER_NAME, exchange.serverName);
    setKept(rows, row, NTLM_SERVER_DOMAIN, exchange.serverDomain);
    setKept(rows, row, NTLM_SERVER_DNS, exchange.serverDns);
    setNumber(rows, row, NTLM_SUCCESS, success === UNTOLD ? NaN : <f64>success);
    setNumber(rows, row, NTLM_STATUS, status);
  }
  dropText(exchange.user);
  dropText(exchange.domain);
  dropText(exchange.host);
  exchange.user = exchange.domain = exchange.host = 0;
}

/** Writes what is open, and lets go of all. */
export function closeNtlm(exchange: NtlmExchange, id: u64, carrier: string): void {
  finishNtlm(exchange, id, carrier, UNTOLD, NaN);
  dropServer(exchange);
}

function dropServer(exchange: NtlmExchange): void {
  dropText(exchange.serverName);
  dropText(exchange.serverDomain);
  dropText(exchange.serverDns);
  exchange.serverName = exchange.serverDomain = exchange.serverDns = 0;
}
