import {
  INDUSTRIAL_ADDRESS,
  INDUSTRIAL_DURATION_US,
  INDUSTRIAL_ERROR,
  INDUSTRIAL_FUNCTION,
  INDUSTRIAL_FUNCTION_CODE,
  INDUSTRIAL_IS_WRITE,
  INDUSTRIAL_MESSAGE,
  INDUSTRIAL_MESSAGES,
  INDUSTRIAL_POINTS,
  INDUSTRIAL_PROTOCOL,
  INDUSTRIAL_TABLE,
  INDUSTRIAL_TRANSACTION_ID,
  INDUSTRIAL_UNIT,
  LINK_LAYER_DST_MAC,
  LINK_LAYER_PROTOCOL,
  LINK_LAYER_SRC_MAC,
  LINK_LAYER_TABLE,
  LINK_LAYER_VLAN
} from "../../columns";
import {allocate, dropText, keepText, release} from "../../heap";
import {addCaptureRow, addRow, setKept, setNull, setNumber, setText, Table, tableAt} from "../../rows";
import {countGivenUp} from "../../streams/held";
import {appendMac, appendText, isSame} from "../../text";
import {appendCode} from "./range";

/** Operations of a flow on their way to rows: equal ones are counted, writes and errors written at once. */

/** Kinds of messages. */
export const REQUEST: u8 = 0;
export const RESPONSE: u8 = 1;
export const REPORT: u8 = 2;

/** Distinct operations of a flow that are counted; beyond, the one met longest ago is written. */
const MAX_OPEN: i32 = 64;
/** Rows of writes and errors of a flow; more are counted as other operations are. */
const MAX_SINGLE: i32 = 2000;

/** What the reader of a message found; `newOperation` clears it. `error` and `name` are constants. */
export let message: u8 = 0;
export let code: i32 = -1;
export let name: string = "unknown";
export let unit: i32 = -1;
export let points: i32 = -1;
export let isWrite: bool = false;
export let error: string = "";
export let transaction: i32 = -1;
/** The address as text, from `addressText` to `addressEnd`. */
export const addressText = memory.data(512);
export let addressEnd: usize = addressText;
/** Longest address that a reader may write. */
export const MAX_ADDRESS: usize = 400;

const word = memory.data(128);

@unmanaged
class Operation {
  first: f64 = 0;
  last: f64 = 0;
  next: u32 = 0;
  name: u32 = 0;
  error: u32 = 0;
  address: u32 = 0;
  code: i32 = 0;
  unit: i32 = 0;
  points: i32 = 0;
  messages: i32 = 0;
  message: u8 = 0;
  isWrite: u8 = 0;
  reserved: u16 = 0;
}

/** Operations of a flow. */
@unmanaged
export class Operations {
  /** The one met last comes first. */
  open: u32 = 0;
  count: i32 = 0;
  single: i32 = 0;
  protocol: u32 = 0;
  /** Where the addresses of a pair of stations stand (`LinkEnds`); 0 of a flow. */
  ends: u32 = 0;
}

/** Stations of frames without IP, the receiver's address first; `vlan` is -1 without. */
@unmanaged
export class LinkEnds {
  addresses0: u64 = 0;
  addresses1: u32 = 0;
  vlan: i32 = 0;
  hasAddresses: i32 = 0;
  /** EtherType, where the protocol has no name. */
  type: u32 = 0;
}

/** No operation of these is written at once. */
export function countAll(own: Operations): void {
  own.single = MAX_SINGLE;
}

export function newOperation(kind: u8, number: i32, its: string, writes: bool): void {
  message = kind;
  code = number;
  name = its;
  isWrite = writes;
  unit = points = transaction = -1;
  error = "";
  addressEnd = addressText;
}

export function setUnit(value: i32): void {
  unit = value;
}
export function setPoints(value: i32): void {
  points = value;
}
export function setTransaction(value: i32): void {
  transaction = value;
}
export function setError(value: string): void {
  error = value;
}
export function setAddressEnd(end: usize): void {
  addressEnd = end;
}

/** Takes the operation, which came at `ts`, of flow `id`. */
export function noteOperation(own: Operations, id: u64, ts: f64): void {
  if ((isWrite || error.length > 0) && own.single < MAX_SINGLE) {
    own.single++;
    return writeNow(own, id, ts);
  }
  const length = <u32>(addressEnd - addressText);
  let link = changetype<usize>(own) + offsetof<Operations>("open");
  while (load<u32>(link) !== 0) {
    const at = <usize>load<u32>(link);
    const operation = changetype<Operation>(at);
    if (isEqual(operation, length)) {
      operation.messages++;
      operation.last = ts;
      // To the front.
      store<u32>(link, operation.next);
      operation.next = own.open;
      own.open = <u32>at;
      return;
    }
    if (own.count === MAX_OPEN && operation.next === 0) {
      store<u32>(link, 0);
      own.count--;
      finish(own, operation, id);
      break;
    }
    link = at + offsetof<Operation>("next");
  }
  add(own, length, ts);
}

function isEqual(operation: Operation, length: u32): bool {
  if (operation.code !== code || operation.name !== <u32>changetype<usize>(name) || operation.message !== message) return false;
  if (operation.unit !== unit || operation.points !== points || operation.error !== <u32>changetype<usize>(error)) return false;
  const address = <usize>operation.address;
  return address === 0 ? length === 0 : load<u32>(address) === length && isSame(address + 4, addressText, length);
}

function add(own: Operations, length: u32, ts: f64): void {
  const block = allocate(offsetof<Operation>());
  if (block === 0) return countGivenUp();
  const operation = changetype<Operation>(block);
  operation.first = operation.last = ts;
  operation.next = own.open;
  operation.name = <u32>changetype<usize>(name);
  operation.error = <u32>changetype<usize>(error);
  operation.address = length === 0 ? 0 : <u32>keepText(addressText, length);
  operation.code = code;
  operation.unit = unit;
  operation.points = points;
  operation.messages = 1;
  operation.message = message;
  operation.isWrite = u8(isWrite);
  own.open = <u32>block;
  own.count++;
}

/** Writes all that is open; the flow has ended. */
export function finishOperations(own: Operations, id: u64): void {
  while (own.open !== 0) {
    const operation = changetype<Operation>(<usize>own.open);
    own.open = operation.next;
    finish(own, operation, id);
  }
  own.count = 0;
}

/** The columns of `link_layer` are those of `industrial`, behind others. */
const BEHIND: i32 = LINK_LAYER_PROTOCOL - INDUSTRIAL_PROTOCOL;
/** Table and place of the row that was begun last. */
let rows: Table = changetype<Table>(0);
let behind: i32 = 0;

/** Begins a row; -1 where too many wait. */
function begin(own: Operations, id: u64, ts: f64): i32 {
  behind = own.ends === 0 ? 0 : BEHIND;
  rows = tableAt(own.ends === 0 ? INDUSTRIAL_TABLE : LINK_LAYER_TABLE);
  if (own.ends === 0) return addRow(rows, id, ts);
  const row = addCaptureRow(rows, ts);
  if (row < 0) return row;
  const ends = changetype<LinkEnds>(<usize>own.ends);
  setNumber(rows, row, LINK_LAYER_VLAN, ends.vlan < 0 ? NaN : <f64>ends.vlan);
  setMac(row, LINK_LAYER_DST_MAC, ends, 0);
  setMac(row, LINK_LAYER_SRC_MAC, ends, 6);
  return row;
}

function setMac(row: i32, column: i32, ends: LinkEnds, from: usize): void {
  if (ends.hasAddresses === 0) return setNull(rows, row, column);
  setText(rows, row, column, word, <u32>(appendMac(changetype<usize>(ends) + from, word) - word));
}

function finish(own: Operations, operation: Operation, id: u64): void {
  const row = begin(own, id, operation.first);
  if (row >= 0) {
    setCommon(row, own, operation.message, changetype<string>(<usize>operation.name), changetype<string>(<usize>operation.error));
    setNumbers(row, operation.code, operation.unit, operation.points, operation.isWrite !== 0);
    setKept(rows, row, behind + INDUSTRIAL_ADDRESS, <usize>operation.address);
    setNumber(rows, row, behind + INDUSTRIAL_TRANSACTION_ID, NaN);
    setNumber(rows, row, behind + INDUSTRIAL_MESSAGES, operation.messages);
    setNumber(rows, row, behind + INDUSTRIAL_DURATION_US, max(operation.last - operation.first, 0));
  }
  dropText(<usize>operation.address);
  release(changetype<usize>(operation), offsetof<Operation>());
}

function writeNow(own: Operations, id: u64, ts: f64): void {
  const row = begin(own, id, ts);
  if (row < 0) return;
  setCommon(row, own, message, name, error);
  setNumbers(row, code, unit, points, isWrite);
  if (addressEnd > addressText) setText(rows, row, behind + INDUSTRIAL_ADDRESS, addressText, <u32>(addressEnd - addressText));
  else setNull(rows, row, behind + INDUSTRIAL_ADDRESS);
  setNumber(rows, row, behind + INDUSTRIAL_TRANSACTION_ID, transaction < 0 ? NaN : <f64>transaction);
  setNumber(rows, row, behind + INDUSTRIAL_MESSAGES, 1);
  setNumber(rows, row, behind + INDUSTRIAL_DURATION_US, 0);
}

function setCommon(row: i32, own: Operations, kind: u8, its: string, problem: string): void {
  if (own.protocol === 0) setText(rows, row, behind + INDUSTRIAL_PROTOCOL, word, <u32>(appendCode(changetype<LinkEnds>(<usize>own.ends).type, word) - word));
  else setWord(row, behind + INDUSTRIAL_PROTOCOL, changetype<string>(<usize>own.protocol));
  setWord(row, behind + INDUSTRIAL_MESSAGE, kind === REQUEST ? "request" : kind === RESPONSE ? "response" : "report");
  setWord(row, behind + INDUSTRIAL_FUNCTION, its);
  if (problem.length > 0) setWord(row, behind + INDUSTRIAL_ERROR, problem);
  else setNull(rows, row, behind + INDUSTRIAL_ERROR);
}

function setNumbers(row: i32, number: i32, device: i32, many: i32, writes: bool): void {
  setNumber(rows, row, behind + INDUSTRIAL_FUNCTION_CODE, number < 0 ? NaN : <f64>number);
  setNumber(rows, row, behind + INDUSTRIAL_UNIT, device < 0 ? NaN : <f64>device);
  setNumber(rows, row, behind + INDUSTRIAL_POINTS, many < 0 ? NaN : <f64>many);
  setNumber(rows, row, behind + INDUSTRIAL_IS_WRITE, writes ? 1 : 0);
}

function setWord(row: i32, column: i32, text: string): void {
  setText(rows, row, column, word, <u32>(appendText(text, word) - word));
}
