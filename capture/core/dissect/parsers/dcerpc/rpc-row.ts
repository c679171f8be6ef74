import {
  DCERPC_AUTH_LEVEL,
  DCERPC_AUTH_TYPE,
  DCERPC_CALLS,
  DCERPC_INTERFACE,
  DCERPC_INTERFACE_UUID,
  DCERPC_INTERFACE_VERSION,
  DCERPC_MAPPED_INTERFACE,
  DCERPC_MAPPED_PORT,
  DCERPC_MESSAGE,
  DCERPC_OPERATION,
  DCERPC_OPNUM,
  DCERPC_PIPE,
  DCERPC_REQUEST_BYTES,
  DCERPC_REQUEST_FRAGMENTS,
  DCERPC_RESPONSE_BYTES,
  DCERPC_RESPONSE_FRAGMENTS,
  DCERPC_RETURN_CODE,
  DCERPC_STATUS,
  DCERPC_TABLE,
  DCERPC_TRANSPORT
} from "../../columns";
import {addRow, setKept, setNull, setNumber, setText, Table, tableAt} from "../../rows";
import {appendNumber, appendText} from "../../text";
import {appendInterface, appendOperation, appendUuid, appendVersion, interfaceOf} from "./interfaces";
import {Call, UNBOUND} from "./rpc-call";

/** Rows of calls and binds. */

/** What a row is of. */
export const REQUESTS: i32 = 0;
export const BINDS: i32 = 1;
export const ALTERS: i32 = 2;

/** Transports. */
export const TCP: u8 = 0;
export const PIPE: u8 = 1;
export const HTTP: u8 = 2;

const text = memory.data(128);

/** Writes the row of a run of calls, or of a bind, in flow `id`; `pipe` is a kept text or 0. */
export function writeRpc(id: u64, transport: u8, pipe: usize, kind: i32, call: Call): void {
  const rows = tableAt(DCERPC_TABLE);
  const row = addRow(rows, id, call.ts);
  if (row < 0) return;
  const isBound = call.number !== UNBOUND;
  set(rows, row, DCERPC_TRANSPORT, appendText(transport === PIPE ? "pipe" : transport === HTTP ? "http" : "tcp", text));
  setKept(rows, row, DCERPC_PIPE, pipe);
  set(rows, row, DCERPC_MESSAGE, appendText(kind === REQUESTS ? "request" : kind === BINDS ? "bind" : "alter_context", text));
  set(rows, row, DCERPC_INTERFACE_UUID, isBound ? appendUuid(uuidOf(call), text) : text);
  set(rows, row, DCERPC_INTERFACE, call.number >= 0 ? appendInterface(call.number, text) : text);
  set(rows, row, DCERPC_INTERFACE_VERSION, isBound ? appendVersion(call.version, text) : text);
  const isCall = kind === REQUESTS;
  setNumber(rows, row, DCERPC_OPNUM, isCall ? <f64>call.opnum : NaN);
  set(rows, row, DCERPC_OPERATION, isCall && call.number >= 0 ? appendOperation(call.number, <i32>call.opnum, text) : text);
  setNumber(rows, row, DCERPC_CALLS, <f64>call.calls);
  setNumber(rows, row, DCERPC_STATUS, call.status);
  setNumber(rows, row, DCERPC_RETURN_CODE, call.returned);
  setNumber(rows, row, DCERPC_REQUEST_FRAGMENTS, isCall ? <f64>call.requestFragments : NaN);
  setNumber(rows, row, DCERPC_RESPONSE_FRAGMENTS, isCall ? <f64>call.responseFragments : NaN);
  setNumber(rows, row, DCERPC_REQUEST_BYTES, isCall ? call.requestBytes : NaN);
  setNumber(rows, row, DCERPC_RESPONSE_BYTES, isCall ? call.responseBytes : NaN);
  set(rows, row, DCERPC_AUTH_TYPE, appendAuthType(call.authType, text));
  set(rows, row, DCERPC_AUTH_LEVEL, appendAuthLevel(call.authLevel, text));
  set(rows, row, DCERPC_MAPPED_INTERFACE, call.isMap !== 0 ? appendMapped(call, text) : text);
  setNumber(rows, row, DCERPC_MAPPED_PORT, call.port !== 0 ? <f64>call.port : NaN);
}

/** Sets the text that goes on to `end`, NULL where it is empty. */
function set(rows: Table, row: i32, column: i32, end: usize): void {
  if (end === text) setNull(rows, row, column);
  else setText(rows, row, column, text, <u32>(end - text));
}

// @ts-ignore: decorator
@inline
function uuidOf(call: Call): usize {
  return changetype<usize>(call) + offsetof<Call>("uuidLow");
}

function appendMapped(call: Call, to: usize): usize {
  const uuid = changetype<usize>(call) + offsetof<Call>("mappedLow");
  const number = interfaceOf(uuid);
  return number < 0 ? appendUuid(uuid, to) : appendInterface(number, to);
}

/** [MS-RPCE] §2.2.1.1.7. */
function appendAuthType(type: u8, to: usize): usize {
  switch (type) {
    case 0:
      return to;
    case 9:
      return appendText("negotiate", to);
    case 10:
      return appendText("ntlm", to);
    case 14:
      return appendText("schannel", to);
    case 16:
      return appendText("kerberos", to);
    case 68:
      return appendText("netlogon", to);
  }
  return appendNumber(type, to);
}

/** [MS-RPCE] §2.2.1.1.8; the one by packet (4) and those of which the number means nothing. */
function appendAuthLevel(level: u8, to: usize): usize {
  switch (level) {
    case 2:
      return appendText("connect", to);
    case 3:
      return appendText("call", to);
    case 4:
      return appendText("packet", to);
    case 5:
      return appendText("integrity", to);
    case 6:
      return appendText("privacy", to);
  }
  return to;
}
