import {
  KERBEROS_CIPHER,
  KERBEROS_CLIENT,
  KERBEROS_ERROR,
  KERBEROS_ERROR_NAME,
  KERBEROS_HAS_PREAUTH,
  KERBEROS_IS_FORWARDABLE,
  KERBEROS_REALM,
  KERBEROS_REPLY_CIPHER,
  KERBEROS_REQUEST_CIPHERS,
  KERBEROS_REQUEST_TYPE,
  KERBEROS_RTT_US,
  KERBEROS_SERVICE,
  KERBEROS_TABLE
} from "../../columns";
import {allocate, dropText, keepText, release} from "../../heap";
import {Linked} from "../../list";
import {addRow, setNull, setNumber, setText, Table, tableAt} from "../../rows";
import {appendText} from "../../text";
import * as message from "./kerberos-message";
import {appendCipher, appendError} from "./kerberos-names";

/** A request that awaits its answer; texts are kept ones. */
@unmanaged
export class TicketRequest extends Linked {
  client: u32 = 0;
  realm: u32 = 0;
  service: u32 = 0;
  ciphers: u32 = 0;
  tag: u8 = 0;
  hasPreauth: u8 = 0;
  isForwardable: u8 = 0;
  reserved: u8 = 0;
  ts: f64 = 0;

  /** Answers are matched in order, by the tag of the request that they answer; an ERROR answers any. */
  isFor(tag: i64): bool {
    return tag === message.ERROR || <i64>this.tag === tag;
  }
}

const text = memory.data(64);

/** Of the message last read, a request that came at `ts`; null where memory is out. */
export function makeTicketRequest(ts: f64): TicketRequest | null {
  const block = allocate(offsetof<TicketRequest>());
  if (block === 0) return null;
  const request = changetype<TicketRequest>(block);
  request.client = kept(message.CLIENT);
  request.realm = kept(message.REALM);
  request.service = kept(message.SERVICE);
  request.ciphers = kept(message.CIPHERS);
  request.tag = message.tag;
  request.hasPreauth = u8(message.hasPreauth);
  request.isForwardable = u8(message.isForwardable);
  request.ts = ts;
  return request;
}

function kept(which: i32): u32 {
  const length = message.textLength(which);
  return length === 0 ? 0 : <u32>keepText(message.textStart(which), length);
}

export function dropTicketRequest(request: TicketRequest): void {
  dropText(request.client);
  dropText(request.realm);
  dropText(request.service);
  dropText(request.ciphers);
  release(changetype<usize>(request), offsetof<TicketRequest>());
}

/** Writes a row of flow `id`: of the request, or null; where `isAnswered`, with the message last read, which came at `ts`. */
export function writeTicket(request: TicketRequest | null, isAnswered: bool, ts: f64, id: u64): void {
  const rows = tableAt(KERBEROS_TABLE);
  const row = addRow(rows, id, request === null ? ts : request.ts);
  if (row < 0) return;
  const tag = request === null ? message.tag : request.tag;
  if (tag === message.ERROR) setNull(rows, row, KERBEROS_REQUEST_TYPE);
  else set(rows, row, KERBEROS_REQUEST_TYPE, appendText(tag === message.AS_REQUEST || tag === message.AS_REPLY ? "AS" : "TGS", text));
  setEither(rows, row, KERBEROS_CLIENT, request === null ? 0 : request.client, isAnswered, message.CLIENT);
  setEither(rows, row, KERBEROS_REALM, request === null ? 0 : request.realm, isAnswered, message.REALM);
  setEither(rows, row, KERBEROS_SERVICE, request === null ? 0 : request.service, isAnswered, message.SERVICE);
  setNumber(rows, row, KERBEROS_ERROR, isAnswered ? <f64>message.error : NaN);
  const isError = isAnswered && message.tag === message.ERROR;
  set(rows, row, KERBEROS_ERROR_NAME, isError ? appendError(message.error, text) : text);
  setCipher(rows, row, KERBEROS_CIPHER, isAnswered ? message.ticketCipher : message.NO_CIPHER);
  setCipher(rows, row, KERBEROS_REPLY_CIPHER, isAnswered ? message.replyCipher : message.NO_CIPHER);
  setEither(rows, row, KERBEROS_REQUEST_CIPHERS, request === null ? 0 : request.ciphers, false, 0);
  const isLogon = request !== null && request.tag === message.AS_REQUEST;
  setNumber(rows, row, KERBEROS_HAS_PREAUTH, isLogon ? <f64>request!.hasPreauth : NaN);
  setNumber(rows, row, KERBEROS_IS_FORWARDABLE, request === null ? NaN : <f64>request.isForwardable);
  setNumber(rows, row, KERBEROS_RTT_US, request !== null && isAnswered ? ts - request.ts : NaN);
}

/** Sets the request's text, else where there may be one the answer's. */
function setEither(rows: Table, row: i32, column: i32, own: usize, hasAnswer: bool, which: i32): void {
  if (own !== 0) setText(rows, row, column, own + 4, load<u32>(own));
  else if (hasAnswer && message.textLength(which) > 0) setText(rows, row, column, message.textStart(which), message.textLength(which));
  else setNull(rows, row, column);
}

function setCipher(rows: Table, row: i32, column: i32, type: i32): void {
  set(rows, row, column, type === message.NO_CIPHER ? text : appendCipher(type, text));
}

/** Sets the text that goes on to `end`, NULL where it is empty. */
function set(rows: Table, row: i32, column: i32, end: usize): void {
  if (end === text) setNull(rows, row, column);
  else setText(rows, row, column, text, <u32>(end - text));
}
