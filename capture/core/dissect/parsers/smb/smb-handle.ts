import {allocate, dropText, release} from "../../heap";
import {countGivenUp} from "../../streams/held";
import {closeSides, openSides, Side, sideOf} from "../../streams/sides";
import {isPdu} from "../dcerpc/rpc-pdu";
import {closeChannel, openChannel} from "../dcerpc/rpc-channel";
import {PIPE} from "../dcerpc/rpc-row";
import {takeRpcBytes} from "../dcerpc/rpc-stream";
import {message} from "./smb-message";

/** Bytes by which a PDU is known. */
const SHORT: usize = 10;

/** Files and pipes that are open in one connection and remembered; beyond, the one opened longest ago is closed. */
const MAX_HANDLES: i32 = 64;

/** What was read from an open file, or written to it. */
@unmanaged
export class Transfer {
  bytes: f64 = 0;
  /** When it began, and the last status that is no success. */
  ts: f64 = 0;
  status: f64 = 0;
  requests: u32 = 0;
  reserved: u32 = 0;
}

/** An open file or pipe. */
@unmanaged
export class Handle {
  low: u64 = 0;
  high: u64 = 0;
  session: u64 = 0;
  next: u32 = 0;
  tree: u32 = 0;
  /** A kept text; 0 where its opening was not seen. */
  path: u32 = 0;
  generation: u8 = 0;
  deletesOnClose: u8 = 0;
  reserved: u16 = 0;
  /** Of a pipe that carries RPC: the channel, and its two directions. */
  channel: u32 = 0;
  sides: u32 = 0;
  /** Its content as it is read and written (smb-content.ts): transfers, or 0, and how far they went. */
  readFile: u32 = 0;
  writtenFile: u32 = 0;
  readNext: u64 = 0;
  writtenNext: u64 = 0;
  /** How long it was when it was opened; NaN where that was not seen. */
  size: f64 = 0;
  read: Transfer = changetype<Transfer>(0);
  written: Transfer = changetype<Transfer>(0);
}

const HANDLE_BYTES: usize = (offsetof<Handle>() + 7) & ~7;
const BLOCK_BYTES: usize = HANDLE_BYTES + 2 * offsetof<Transfer>();

/** The open files of a connection, the one opened last first. */
@unmanaged
export class Handles {
  opened: u32 = 0;
  handles: i32 = 0;
  /** What flows on of files' contents (a `Flowing` each): the originator's and the responder's. */
  originatorFile: u64 = 0;
  responderFile: u64 = 0;
}

/** The file of that identifier; null where it is not known. */
export function handleOf(all: Handles, low: u64, high: u64): Handle | null {
  for (let at = <usize>all.opened; at !== 0; at = <usize>changetype<Handle>(at).next) {
    const handle = changetype<Handle>(at);
    if (handle.low === low && handle.high === high) return handle;
  }
  return null;
}

/** Whether another one must be closed before one is opened. */
export function isFull(all: Handles): bool {
  return all.handles === MAX_HANDLES;
}

/** The file opened longest ago, of which there is one at least. */
export function oldestHandle(all: Handles): Handle {
  let at = <usize>all.opened;
  while (changetype<Handle>(at).next !== 0) at = <usize>changetype<Handle>(at).next;
  return changetype<Handle>(at);
}

/** Remembers a file that is open from now on, `path` is a kept text that becomes its own; null where memory is out. */
export function openHandle(all: Handles, low: u64, high: u64, path: usize): Handle | null {
  const block = allocate(BLOCK_BYTES);
  if (block === 0) {
    countGivenUp();
    dropText(path);
    return null;
  }
  memory.fill(block, 0, BLOCK_BYTES);
  const handle = changetype<Handle>(block);
  handle.low = low;
  handle.high = high;
  handle.path = <u32>path;
  handle.size = NaN;
  handle.read = changetype<Transfer>(block + HANDLE_BYTES);
  handle.written = changetype<Transfer>(block + HANDLE_BYTES + offsetof<Transfer>());
  handle.next = all.opened;
  all.opened = <u32>block;
  all.handles++;
  return handle;
}

/** Forgets it; what its pipe carried, in flow `id`, is written. */
export function closeHandle(all: Handles, handle: Handle, id: u64): void {
  let link = changetype<usize>(all) + offsetof<Handles>("opened");
  while (load<u32>(link) !== <u32>changetype<usize>(handle)) link = <usize>load<u32>(link) + offsetof<Handle>("next");
  store<u32>(link, handle.next);
  all.handles--;
  if (handle.channel !== 0) {
    closeChannel(<usize>handle.channel, id);
    closeSides(<usize>handle.sides);
  }
  dropText(handle.path);
  release(changetype<usize>(handle), BLOCK_BYTES);
}

/** Takes what the message last read wrote to the pipe (direction 0) or read from it, in flow `id`; nothing where no RPC begins. */
export function takePipeBytes(handle: Handle, pipe: usize, direction: i32, ts: f64, id: u64): void {
  const start = <usize>message.dataAt;
  const end = <usize>message.dataEnd;
  if (handle.channel === 0) {
    // The first bytes may be too few for a whole header.
    const begins = start !== 0 && load<u8>(start) === 5 && (isPdu(start, end) || (end - start < SHORT && handle.path !== 0));
    if (direction !== 0 || !begins) {
      dropText(pipe);
      return;
    }
    handle.channel = <u32>openChannel(PIPE, pipe);
    if (handle.channel === 0) return;
    handle.sides = <u32>openSides(<usize>handle.channel);
    if (handle.sides === 0) {
      closeChannel(<usize>handle.channel, id);
      handle.channel = 0;
      return;
    }
  } else dropText(pipe);
  const side: Side = sideOf(<usize>handle.sides, direction);
  if (side.isLost === 0) takeRpcBytes(side, start, end, message.dataMissing, ts, id);
}

/** Notes a read or write of so many bytes at `ts`, answered with that status (NaN: not at all). */
export function transfer(its: Transfer, bytes: f64, ts: f64, status: f64): void {
  if (its.requests++ === 0) its.ts = ts;
  its.bytes += bytes;
  if (!(status === 0 && its.status !== 0)) its.status = status;
}
