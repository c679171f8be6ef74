import {allocate, release} from "../../heap";
import {Linked} from "../../list";
import {wideAt, wideLength} from "../../wide-text";
import {message, SMB1_NEGOTIATE, SMB2_NEGOTIATE} from "./smb-message";

/** A request that awaits its response; its path follows. */
@unmanaged
export class Request extends Linked {
  tree: u32 = 0;
  id: i64 = 0;
  ts: f64 = 0;
  session: u64 = 0;
  fileLow: u64 = 0;
  fileHigh: u64 = 0;
  amount: f64 = 0;
  offset: u64 = 0;
  command: u16 = 0;
  generation: u8 = 0;
  hasPath: u8 = 0;
  action: u8 = 0;
  deletesOnClose: u8 = 0;
  reserved: u16 = 0;
  reserved2: u32 = 0;
  /** A path as `keepText` keeps one: its length, and behind it its bytes. */
  length: u32 = 0;

  isFor(id: i64): bool {
    return this.id === id;
  }
}

const REQUEST_BYTES: usize = offsetof<Request>();

/** The message last read, which is a request and came at `ts`; 0 where memory is out. */
export function makeRequest(ts: f64): usize {
  const length = message.hasPath !== 0 ? wideLength : 0;
  const block = allocate(REQUEST_BYTES + length);
  if (block === 0) return 0;
  const request = changetype<Request>(block);
  request.id = message.id;
  request.ts = ts;
  request.session = message.session;
  request.fileLow = message.fileLow;
  request.fileHigh = message.fileHigh;
  request.amount = message.amount;
  request.offset = message.offset;
  request.tree = message.tree;
  request.command = <u16>message.command;
  request.generation = <u8>message.generation;
  request.hasPath = message.hasPath;
  request.action = message.action;
  request.deletesOnClose = message.deletesOnClose;
  request.length = length;
  memory.copy(block + REQUEST_BYTES, wideAt, length);
  return block;
}

export function dropRequest(request: Request): void {
  release(changetype<usize>(request), REQUEST_BYTES + request.length);
}

/** Its path as a kept text; 0 without one. */
export function pathOf(request: Request): usize {
  return request.hasPath === 0 ? 0 : changetype<usize>(request) + offsetof<Request>("length");
}

/** Whether the message last read, which has the request's identifier, answers it. */
export function isAnswered(request: Request): bool {
  if (<i32>request.generation === message.generation) return (<i32>request.command & 0xff) === message.command;
  // A server may answer the SMB 1 negotiation in SMB 2 ([MS-SMB2] §3.3.5.3).
  return request.command === SMB1_NEGOTIATE && message.command === SMB2_NEGOTIATE;
}
