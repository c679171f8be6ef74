import {allocate, release} from "../../heap";
import {SMB_TABLE, SMB_COMMAND, SMB_PATH, SMB_SHARE, SMB_STATUS, SMB_VERSION} from "../../columns";
import {addRow, setKept, setNull, setNumber, setText, tableAt} from "../../rows";
import {appendNumber, appendText} from "../../text";
import * as message from "./smb-message";
import {pathAt, pathLength} from "./smb-path";
import {shareOf, Shares} from "./smb-share";

/** A request that awaits its response; its path follows. */
@unmanaged
export class Request {
  id: i64 = 0;
  ts: f64 = 0;
  next: u32 = 0;
  tree: u32 = 0;
  command: u16 = 0;
  generation: u8 = 0;
  hasPath: u8 = 0;
  /** A path as `keepText` keeps one: its length, and behind it its bytes. */
  length: u32 = 0;
}

const REQUEST_BYTES: usize = offsetof<Request>();

/** Text of a dialect, or of a command. */
const text = memory.data(32);

/** The message last read, which is a request and came at `ts`; 0 where memory is out. */
export function makeRequest(ts: f64): usize {
  const length = message.hasPath ? pathLength : 0;
  const block = allocate(REQUEST_BYTES + length);
  if (block === 0) return 0;
  const request = changetype<Request>(block);
  request.id = message.id;
  request.ts = ts;
  request.next = 0;
  request.tree = message.tree;
  request.command = <u16>message.command;
  request.generation = <u8>message.generation;
  request.hasPath = message.hasPath ? 1 : 0;
  request.length = length;
  memory.copy(block + REQUEST_BYTES, pathAt, length);
  return block;
}

export function dropRequest(request: Request): void {
  release(changetype<usize>(request), REQUEST_BYTES + request.length);
}

/** Its path as a kept text; 0 without one. */
export function pathOf(request: Request): usize {
  return request.hasPath === 0 ? 0 : changetype<usize>(request) + offsetof<Request>("length");
}

// @ts-ignore: decorator
@inline
export function isTreeConnect(request: Request): bool {
  return <i32>request.command === (request.generation === 1 ? message.SMB1_TREE_CONNECT : message.SMB2_TREE_CONNECT);
}

/** Whether the message last read, which has the request's identifier, answers it. */
export function isAnswered(request: Request): bool {
  if (<i32>request.generation === message.generation) return <i32>request.command === message.command;
  // A server may answer the SMB 1 negotiation in SMB 2 ([MS-SMB2] §3.3.5.3).
  return request.command === message.SMB1_NEGOTIATE && message.command === message.SMB2_NEGOTIATE;
}

/** Writes the request's row, of the flow `id`; `status` is NaN where no response was seen. */
export function writeRequest(request: Request, id: u64, dialect: i32, shares: Shares, status: f64): void {
  const rows = tableAt(SMB_TABLE);
  const row = addRow(rows, id, request.ts);
  if (row < 0) return;
  const isAgreed = dialect !== message.NO_DIALECT;
  const last = isAgreed ? message.appendDialect(dialect, text) : appendNumber(request.generation, text);
  setText(rows, row, SMB_VERSION, text, <u32>(last - text));
  const command = message.smbCommandName(request.generation, request.command);
  setText(rows, row, SMB_COMMAND, text, <u32>(appendText(command, text) - text));
  const isShare = isTreeConnect(request);
  setKept(rows, row, SMB_SHARE, isShare ? pathOf(request) : shareOf(shares, request.tree));
  if (isShare) setNull(rows, row, SMB_PATH);
  else setKept(rows, row, SMB_PATH, pathOf(request));
  setNumber(rows, row, SMB_STATUS, status);
}
