import {UDP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {allocate, dropText, keepText, release} from "../heap";
import {append, firstLink, linkTo, List, takeOut} from "../list";
import {countGivenUp} from "../streams/held";
import {flowIdOf, Reading, SMB} from "../streams/reading";
import {closeSides, openSides} from "../streams/sides";
import {isText} from "../text";
import {accountOf, closeNtlm, FAILED, finishNtlm, GRANTED, NtlmExchange, openNtlm, takeNtlm} from "../parsers/ntlm/ntlm-exchange";
import {closeHandle, Handle, handleOf, Handles, isFull, oldestHandle, openHandle, takePipeBytes, Transfer, transfer} from "../parsers/smb/smb-handle";
import {CLOSE, DELETE, FILE_BEFORE, isCreate, isSessionSetup, isTreeConnect, message, NO_DIALECT, NOTHING, READ, RENAME, SMB1_MIXED, SMB1_NT_TRANSACT, SMB1_TRANSACTION2, SMB1_TRANSACTION2_SECONDARY, smbCommandName, TRANSCEIVE, WRITE} from "../parsers/smb/smb-message";
import {closeContent, Flowing, flowingOf, takeContent} from "../parsers/smb/smb-content";
import {dropRequest, isAnswered, makeRequest, pathOf, Request} from "../parsers/smb/smb-request";
import {clearSmbRow, createActionName, isPipeShare, pipeName, smbRow, writeSmbRow} from "../parsers/smb/smb-row";
import {forgetUsers, rememberUser, Sessions, userOf} from "../parsers/smb/smb-session";
import {forgetShares, rememberShare, shareOf, Shares} from "../parsers/smb/smb-share";
import {finishSmbSegments, takeSmbSegment} from "../parsers/smb/smb-stream";

/**
 * SMB, version 1 to 3 ([MS-SMB2] §2.2.1): requests that open, name or close something, with their status; what is read and
 * written is summed for each open file, and handed on where it is a pipe that carries remote procedure calls.
 */

/** Requests of one flow that wait for their response; beyond, the oldest is written without one. */
const MAX_PENDING: i32 = 64;

/** A response that says that the real one will come later ([MS-SMB2] §3.3.4.2); one that asks for the next message of a login. */
const STATUS_PENDING: u32 = 0x103;
const MORE_PROCESSING: u32 = 0xc0000016;
/** More was to be read than was asked for: what came is whole. */
const BUFFER_OVERFLOW: u32 = 0x80000005;

@unmanaged
class Parser extends Shares {
  handles: Handles = changetype<Handles>(0);
  sessions: Sessions = changetype<Sessions>(0);
  ntlm: NtlmExchange = changetype<NtlmExchange>(0);
  requests: List = changetype<List>(0);
  /** Dialect agreed on (smb-message.ts). */
  dialect: i32 = 0;
  /** Both directions of a flow (smb-stream.ts), from the first segment on. */
  sides: u32 = 0;
  /** Kinds of transactions of SMB 1 that the client began: 1 of the second kind, 2 of NT's; 4: mixed, which has its row. */
  transactions: i32 = 0;
  /** The file opened last, which messages behind one another in a packet may mean. */
  lastLow: u64 = 0;
  lastHigh: u64 = 0;
}

const PARSER_BYTES: usize = (offsetof<Parser>() + 7) & ~7;
const REQUESTS: usize = PARSER_BYTES + ((offsetof<Handles>() + 7) & ~7);
const SESSIONS: usize = REQUESTS + offsetof<List>();
const NTLM: usize = SESSIONS + offsetof<Sessions>();
const STATE_BYTES: usize = NTLM + offsetof<NtlmExchange>();

/** The flow whose payload or end is under way. */
let flow: Reading = changetype<Reading>(0);
let id: u64 = 0;
/** Direction of the message under way. */
let from: u8 = 0;

/** SMB by its signature behind the session header, version 1 to 3 ([MS-SMB2] §2.2.1). */
export function recogniseSmb(_event: Event, start: usize, end: usize): bool {
  return load<u8>(start, 4) >= 0xfc && isText(start + 5, end, "SMB");
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSmb(byte: u8): bool {
  return byte === 0;
}

/** State of a new flow; 0 where memory is out. */
export function beginSmb(): usize {
  const state = allocate(STATE_BYTES);
  if (state === 0) return 0;
  memory.fill(state, 0, STATE_BYTES);
  const parser = changetype<Parser>(state);
  parser.dialect = NO_DIALECT;
  parser.handles = changetype<Handles>(state + PARSER_BYTES);
  parser.requests = changetype<List>(state + REQUESTS);
  parser.sessions = changetype<Sessions>(state + SESSIONS);
  parser.ntlm = changetype<NtlmExchange>(state + NTLM);
  return state;
}

/** Takes a payload; false: no more wanted. */
export function takeSmb(state: usize, reading: Reading, its: Event, start: usize, end: usize): bool {
  // Names and datagrams of NetBIOS.
  if (its.proto === UDP) return false;
  flow = reading;
  id = flowIdOf(its);
  const parser = changetype<Parser>(state);
  if (parser.sides === 0) parser.sides = <u32>openSides(state);
  return parser.sides !== 0 && takeSmbSegment(<usize>parser.sides, its, start, end);
}

/** The flow has ended: what is still open is written, and all let go of. */
export function endSmb(state: usize, reading: Reading, its: Event): void {
  flow = reading;
  id = flowIdOf(its);
  const parser = changetype<Parser>(state);
  if (parser.sides !== 0) finishSmbSegments(<usize>parser.sides);
  while (parser.requests.count > 0) finish(parser, firstLink(parser.requests), NaN);
  while (parser.handles.handles > 0) closeFile(parser, oldestHandle(parser.handles));
  closeNtlm(parser.ntlm, id, "smb");
  forgetUsers(parser.sessions);
  forgetShares(parser);
  if (parser.sides !== 0) closeSides(<usize>parser.sides);
  release(state, STATE_BYTES);
}

/** What flows on of a file's content in a direction. */
export function flowing(state: usize, direction: u8): Flowing {
  return flowingOf(changetype<Parser>(state).handles, direction);
}

/** Takes the message last read, of the flow under way. */
export function takeMessage(state: usize, direction: u8, ts: f64): void {
  from = direction;
  const parser = changetype<Parser>(state);
  flow.service = SMB + 1;
  if (message.generation === 1 && message.isResponse === 0) noteTransaction(parser);
  if (message.isResponse !== 0) respond(parser, ts);
  else if (message.action !== NOTHING || smbCommandName(message.generation, message.command).length > 0) ask(parser, ts);
}

/** A compressed message claims more bytes than there can be (CVE-2020-0796): a row says so. */
export function takeImpossible(state: usize, claimed: f64, ts: f64): void {
  flow.service = SMB + 1;
  clearSmbRow(2, changetype<Parser>(state).dialect, ts);
  smbRow.size = claimed;
  writeSmbRow(id, "compression_transform", "");
}

/** A transaction goes on as another kind than the one that the client began: a row says so once. */
function noteTransaction(parser: Parser): void {
  const command = message.command & 0xff;
  if (command === SMB1_TRANSACTION2) parser.transactions |= 1;
  else if (command === SMB1_NT_TRANSACT) parser.transactions |= 2;
  else if (command === SMB1_TRANSACTION2_SECONDARY && parser.transactions === 2) {
    parser.transactions |= 4;
    message.command = SMB1_MIXED;
  }
}

function ask(parser: Parser, ts: f64): void {
  const last = linkTo<Request>(parser.requests, message.id);
  if (last !== 0) finish(parser, last, NaN);
  else if (parser.requests.count === MAX_PENDING) finish(parser, firstLink(parser.requests), NaN);
  if (isSessionSetup(message.generation, message.command)) takeLogin(parser, ts);
  if (message.action === WRITE || message.action === TRANSCEIVE) takePipe(parser, message.fileLow, message.fileHigh, 0, ts);
  if (message.action === WRITE) takeFile(parser, message.fileLow, message.fileHigh, message.offset, true, message.tree, ts);
  const request = makeRequest(ts);
  if (request === 0) {
    countGivenUp();
    return;
  }
  append(parser.requests, request);
}

/** A login's token, or user and domain as they are. */
function takeLogin(parser: Parser, ts: f64): void {
  if (message.user !== 0 || message.domain !== 0) openNtlm(parser.ntlm, message.user, message.domain, ts, id, "smb");
  else if (message.dataAt !== 0) takeNtlm(parser.ntlm, message.dataAt, message.dataEnd, ts, id, "smb");
}

/** Bytes of a pipe (direction 0: written to it); those of files are passed over. */
function takePipe(parser: Parser, low: u64, high: u64, direction: i32, ts: f64): void {
  if (message.dataAt === 0) return;
  if (low === FILE_BEFORE) {
    low = parser.lastLow;
    high = parser.lastHigh;
  }
  // A file whose opening was not seen: what begins with five may be a call.
  if (direction === 0 && load<u8>(message.dataAt) === 5 && handleOf(parser.handles, low, high) === null) open(parser, low, high, 0, message.session, message.tree, <u8>message.generation);
  const handle = handleOf(parser.handles, low, high);
  if (handle === null || (handle.channel === 0 && load<u8>(message.dataAt) !== 5)) return;
  const path = <usize>handle.path;
  const name: usize = path === 0 ? 0 : pipeName(path);
  const pipe = handle.channel === 0 && path !== 0 ? keepText(name, <u32>(path + 4 + load<u32>(path) - name)) : 0;
  takePipeBytes(handle, pipe, direction, ts, id);
}

/** Content of a file, but not what a pipe carries. */
function takeFile(parser: Parser, low: u64, high: u64, offset: u64, isWritten: bool, tree: u32, ts: f64): void {
  if (low === FILE_BEFORE) {
    low = parser.lastLow;
    high = parser.lastHigh;
  }
  const share = shareOf(parser, tree);
  if (share !== 0 && isPipeShare(share)) return;
  const handle = handleOf(parser.handles, low, high);
  if (handle !== null && handle.channel === 0) takeContent(parser.handles, handle, isWritten, offset, from, ts);
}

function open(parser: Parser, low: u64, high: u64, path: usize, session: u64, tree: u32, generation: u8): void {
  const before = handleOf(parser.handles, low, high);
  if (before !== null) closeFile(parser, before);
  else if (isFull(parser.handles)) closeFile(parser, oldestHandle(parser.handles));
  const handle = openHandle(parser.handles, low, high, path);
  if (handle === null) return;
  handle.session = session;
  handle.tree = tree;
  handle.generation = generation;
}

function respond(parser: Parser, ts: f64): void {
  if (message.status === STATUS_PENDING) return;
  if (message.dialect !== NO_DIALECT) parser.dialect = message.dialect;
  const link = linkTo<Request>(parser.requests, message.id);
  if (link === 0) return;
  const request = changetype<Request>(<usize>load<u32>(link));
  if (!isAnswered(request)) return;
  if (request.fileLow === FILE_BEFORE) {
    request.fileLow = parser.lastLow;
    request.fileHigh = parser.lastHigh;
  }
  const isDone = message.status === 0 || message.status === BUFFER_OVERFLOW;
  if (isTreeConnect(request.generation, request.command) && message.status === 0 && request.hasPath !== 0)
    rememberShare(parser, message.tree, pathOf(request) + 4, request.length);
  else if (isSessionSetup(request.generation, request.command) && message.dataAt !== 0) takeNtlm(parser.ntlm, message.dataAt, message.dataEnd, ts, id, "smb");
  else if (isCreate(request.generation, request.command) && message.status === 0 && message.fileLow !== 0) openAnswered(parser, request);
  else if ((request.action === READ || request.action === TRANSCEIVE) && isDone) {
    takePipe(parser, request.fileLow, request.fileHigh, 1, ts);
    if (request.action === READ) takeFile(parser, request.fileLow, request.fileHigh, request.offset, false, request.tree, ts);
  }
  finish(parser, link, <f64>message.status);
}

/** The file is open that the request asked for. */
function openAnswered(parser: Parser, request: Request): void {
  const path = pathOf(request);
  parser.lastLow = message.fileLow;
  parser.lastHigh = message.fileHigh;
  open(parser, message.fileLow, message.fileHigh, path === 0 ? 0 : keepText(path + 4, request.length), request.session, request.tree, request.generation);
  const handle = handleOf(parser.handles, message.fileLow, message.fileHigh);
  if (handle === null) return;
  handle.deletesOnClose = request.deletesOnClose;
  handle.size = message.amount;
}

/** The request behind the link waits no more: its row is written; `status` is NaN where no response was seen. */
function finish(parser: Parser, link: usize, status: f64): void {
  const request = changetype<Request>(takeOut(parser.requests, link));
  if (isSessionSetup(request.generation, request.command)) finishLogin(parser, request, status);
  else if (request.action === NOTHING || request.fileLow === 0) writeRequest(parser, request, status);
  else finishFile(parser, request, status);
  dropRequest(request);
}

function finishLogin(parser: Parser, request: Request, status: f64): void {
  const isOver = !isNaN(status) && status !== <f64>MORE_PROCESSING;
  const account = accountOf(parser.ntlm);
  clearSmbRow(request.generation, parser.dialect, request.ts);
  smbRow.status = status;
  smbRow.user = <u32>account;
  writeSmbRow(id, "session_setup", "");
  if (!isOver) return dropText(account);
  finishNtlm(parser.ntlm, id, "smb", status === 0 ? GRANTED : FAILED, status);
  if (status === 0) rememberUser(parser.sessions, message.session, account);
  else dropText(account);
}

function writeRequest(parser: Parser, request: Request, status: f64): void {
  const command = smbCommandName(request.generation, request.command);
  if (command.length === 0) return;
  clearSmbRow(request.generation, parser.dialect, request.ts);
  smbRow.status = status;
  smbRow.user = <u32>userOf(parser.sessions, request.session);
  const isShare = isTreeConnect(request.generation, request.command);
  smbRow.share = <u32>(isShare ? pathOf(request) : shareOf(parser, request.tree));
  if (!isShare) smbRow.path = <u32>pathOf(request);
  const isDone = status === 0;
  if (isDone && isCreate(request.generation, request.command)) {
    smbRow.size = message.createAction >= 0 ? message.amount : NaN;
    writeSmbRow(id, command, createActionName(message.createAction));
  } else writeSmbRow(id, command, isDone ? actionName(request.action) : "");
}

function actionName(action: u8): string {
  return action === DELETE ? "delete" : action === RENAME ? "rename" : "";
}

/** A request that means an open file. */
function finishFile(parser: Parser, request: Request, status: f64): void {
  const handle = handleOf(parser.handles, request.fileLow, request.fileHigh);
  if (handle === null && (request.action === READ || request.action === WRITE)) {
    open(parser, request.fileLow, request.fileHigh, 0, request.session, request.tree, request.generation);
    const opened = handleOf(parser.handles, request.fileLow, request.fileHigh);
    if (opened !== null) note(opened, request, status);
  } else if (handle !== null) {
    if (request.action !== CLOSE && request.action !== DELETE && request.action !== RENAME) note(handle, request, status);
    else if (request.action === CLOSE) {
      if (status === 0 || isNaN(status)) {
        closeContent(parser.handles, handle, id, status === 0);
        closeFile(parser, handle);
      }
    } else writeFile(parser, handle, request.ts, status, NaN, actionName(request.action), request.action === RENAME ? pathOf(request) : 0);
  } else if (request.action === DELETE || request.action === RENAME) {
    clearSmbRow(request.generation, parser.dialect, request.ts);
    smbRow.status = status;
    smbRow.user = <u32>userOf(parser.sessions, request.session);
    smbRow.share = <u32>shareOf(parser, request.tree);
    smbRow.newPath = request.action === RENAME ? <u32>pathOf(request) : 0;
    writeSmbRow(id, actionName(request.action), status === 0 ? actionName(request.action) : "");
  }
}

/** Adds a read or write to those of its file; a call to a pipe is both. */
function note(handle: Handle, request: Request, status: f64): void {
  const isAnswered = !isNaN(status) && (status === 0 || status === <f64>BUFFER_OVERFLOW);
  // What was sent has crossed, whatever became of it.
  if (request.action !== READ) transfer(handle.written, request.amount, request.ts, status);
  if (request.action !== WRITE) transfer(handle.read, isAnswered ? message.amount : 0, request.ts, status);
}

/** The file is closed, or forgotten: what was read and written has its rows. */
function closeFile(parser: Parser, handle: Handle): void {
  writeTransfer(parser, handle, handle.read, "read");
  writeTransfer(parser, handle, handle.written, "write");
  closeContent(parser.handles, handle, id, false);
  closeHandle(parser.handles, handle, id);
}

function writeTransfer(parser: Parser, handle: Handle, its: Transfer, command: string): void {
  if (its.requests > 0) writeFile(parser, handle, its.ts, its.status, its.bytes, command, 0);
}

function writeFile(parser: Parser, handle: Handle, ts: f64, status: f64, size: f64, command: string, newPath: usize): void {
  clearSmbRow(handle.generation, parser.dialect, ts);
  smbRow.status = status;
  smbRow.size = size;
  smbRow.user = <u32>userOf(parser.sessions, handle.session);
  smbRow.share = <u32>shareOf(parser, handle.tree);
  smbRow.path = handle.path;
  smbRow.newPath = <u32>newPath;
  writeSmbRow(id, command, status === 0 || size > 0 ? command : "");
}
