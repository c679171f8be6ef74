import {
  FILES_ATTACK_SIGN,
  FILES_COMPLETE,
  FILES_DECLARED_SIZE,
  FILES_DECLARED_TYPE,
  FILES_ENCODING,
  FILES_FOUND_TYPE,
  FILES_MD5,
  FILES_NAME,
  FILES_PROTOCOL,
  FILES_SENT_BY,
  FILES_SHA256,
  FILES_SIZE,
  FILES_TABLE
} from "../../columns";
import {closeDigests, dropDigests, openDigests, takeBytes} from "../../crypto/host-digests";
import {md5} from "../../crypto/md5";
import {sha256} from "../../crypto/sha256";
import {allocate, dropText, release} from "../../heap";
import {addRow, setKept, setNull, setNumber, setText, Table, tableAt} from "../../rows";
import {countGivenUp} from "../../streams/held";
import {appendHex, appendText} from "../../text";
import {answerSignOf} from "./answer-sign";
import {attackSignOf} from "./attack-sign";
import {isCipher} from "./cipher-sign";
import {reportSignOf} from "./report-sign";
import {TYPE_BYTES, typeOf} from "./file-type";
import {fileBytes, fileEnd} from "./host-files";

/** A file under way: its first bytes follow it. Nothing else of its content is kept. */
@unmanaged
export class Transfer {
  ts: f64 = 0;
  /** Bytes so far, and those that its sender declares (NaN: none). */
  size: f64 = 0;
  declared: f64 = 0;
  /** Kept texts, or 0. */
  name: u32 = 0;
  type: u32 = 0;
  encoding: u32 = 0;
  /** The host's number of its digests, 0 while all of it is among the first bytes. */
  digests: i32 = 0;
  /** First bytes so far. */
  first: u16 = 0;
  direction: u8 = 0;
  /** Some bytes were not seen, or it is not to be hashed. */
  hasHoles: u8 = 0;
  isLong: u8 = 0;
  reserved: u8 = 0;
  reserved2: u16 = 0;
}

/** Who carried it. */
export const BY_HTTP = 0;
export const BY_FTP = 1;
export const BY_TFTP = 2;
export const BY_SMTP = 3;
export const BY_IMAP = 4;
export const BY_POP3 = 5;
export const BY_SMB = 6;
export const BY_DCC = 7;

/** Of `closeTransfer`: whether all was seen. */
export const PARTLY = 0;
export const WHOLE = 1;
export const UNKNOWN = 2;

/** Larger files have no digests. */
const MAX_HASHED: f64 = 16_777_216;

/** A block of the heap. Most files are not longer than what is kept, and are hashed here, once they are whole. */
const TRANSFER_BYTES: usize = 1024;
const KEPT_BYTES: usize = TRANSFER_BYTES - offsetof<Transfer>();

const digest: usize = memory.data(48, 16);
const text: usize = memory.data(96);

let isHandedOver: bool = false;

/** Whether contents go to the host, which then has every byte that a row's size counts. */
export function handOverFiles(isWanted: bool): void {
  isHandedOver = isWanted;
}

/** A file that begins at `ts`, with its texts kept, which are the transfer's from now on; 0 where memory is out. */
export function openTransfer(ts: f64, direction: u8, declared: f64, name: usize, type: usize, encoding: usize): usize {
  const at = allocate(TRANSFER_BYTES);
  if (at === 0) {
    dropText(name);
    dropText(type);
    dropText(encoding);
    countGivenUp();
    return 0;
  }
  const transfer = changetype<Transfer>(at);
  memory.fill(at, 0, offsetof<Transfer>());
  transfer.ts = ts;
  transfer.direction = direction;
  transfer.declared = declared;
  transfer.name = <u32>name;
  transfer.type = <u32>type;
  transfer.encoding = <u32>encoding;
  transfer.isLong = u8(declared > MAX_HASHED);
  return at;
}

/** Takes the next bytes of it. */
export function addContent(at: usize, start: usize, end: usize): void {
  const transfer = changetype<Transfer>(at);
  if (isHandedOver) fileBytes(at, transfer.ts, start, end);
  transfer.size += <f64>(end - start);
  if (transfer.hasHoles !== 0) return;
  const room = KEPT_BYTES - <usize>transfer.first;
  const kept = min(room, end - start);
  memory.copy(firstOf(transfer) + transfer.first, start, kept);
  transfer.first += <u16>kept;
  if (transfer.size > MAX_HASHED) {
    transfer.isLong = 1;
    forgetDigests(transfer);
  }
  if (transfer.isLong !== 0 || start + kept === end) return;
  if (transfer.digests === 0) {
    transfer.digests = openDigests();
    if (transfer.digests === 0) {
      transfer.isLong = 1;
      return;
    }
    takeBytes(transfer.digests, firstOf(transfer), KEPT_BYTES);
  }
  takeBytes(transfer.digests, start + kept, end - start - kept);
}

/** Bytes of it will not come. */
export function missContent(at: usize): void {
  const transfer = changetype<Transfer>(at);
  transfer.hasHoles = 1;
  forgetDigests(transfer);
}

// @ts-ignore: decorator
@inline
function firstOf(transfer: Transfer): usize {
  return changetype<usize>(transfer) + offsetof<Transfer>();
}

function forgetDigests(transfer: Transfer): void {
  if (transfer.digests !== 0) dropDigests(transfer.digests);
  transfer.digests = 0;
}

/** Its end: the row is written, unless it is empty, and the memory given back. */
export function closeTransfer(at: usize, id: u64, protocol: i32, whole: i32): void {
  const transfer = changetype<Transfer>(at);
  if (isHandedOver) fileEnd(at, id, transfer.ts);
  if (transfer.size > 0) write(transfer, id, protocol, transfer.hasHoles !== 0 ? PARTLY : whole);
  forgetDigests(transfer);
  dropText(<usize>transfer.name);
  dropText(<usize>transfer.type);
  dropText(<usize>transfer.encoding);
  release(at, TRANSFER_BYTES);
}

function write(transfer: Transfer, id: u64, protocol: i32, whole: i32): void {
  const table = tableAt(FILES_TABLE);
  const row = addRow(table, id, transfer.ts);
  if (row < 0) return;
  setConstant(table, row, FILES_PROTOCOL, protocolName(protocol));
  setConstant(table, row, FILES_SENT_BY, transfer.direction === 0 ? "originator" : "responder");
  setKept(table, row, FILES_NAME, transfer.name);
  setKept(table, row, FILES_DECLARED_TYPE, transfer.type);
  setKept(table, row, FILES_ENCODING, transfer.encoding);
  const first = firstOf(transfer);
  const type = typeOf(first, first + min(<usize>transfer.first, TYPE_BYTES));
  if (type.length > 0) setConstant(table, row, FILES_FOUND_TYPE, type);
  else setNull(table, row, FILES_FOUND_TYPE);
  const end = first + transfer.first;
  const sign = protocol !== BY_HTTP ? "" : bodySignOf(transfer.direction, first, end);
  if (sign.length > 0) setConstant(table, row, FILES_ATTACK_SIGN, sign);
  else setNull(table, row, FILES_ATTACK_SIGN);
  setNumber(table, row, FILES_SIZE, transfer.size);
  setNumber(table, row, FILES_DECLARED_SIZE, transfer.declared);
  setNumber(table, row, FILES_COMPLETE, whole === UNKNOWN ? NaN : <f64>whole);
  if (transfer.hasHoles !== 0 || transfer.isLong !== 0 || whole === PARTLY) {
    setNull(table, row, FILES_MD5);
    setNull(table, row, FILES_SHA256);
    return;
  }
  if (transfer.digests === 0) {
    md5(first, transfer.first, digest);
    sha256(first, transfer.first, digest + 16);
  } else {
    closeDigests(transfer.digests, digest);
    transfer.digests = 0;
  }
  setText(table, row, FILES_MD5, text, <u32>(appendHex(digest, digest + 16, text) - text));
  setText(table, row, FILES_SHA256, text, <u32>(appendHex(digest + 16, digest + 48, text) - text));
}

function bodySignOf(direction: u8, first: usize, end: usize): string {
  const sign = direction === 0 ? requestSignOf(first, end) : answerSignOf(first, end);
  return sign.length > 0 ? sign : isCipher(first, end) ? "cipher" : "";
}

function requestSignOf(first: usize, end: usize): string {
  const sign = attackSignOf(first, end);
  return sign.length > 0 ? sign : reportSignOf(first, end);
}

function setConstant(table: Table, row: i32, column: i32, constant: string): void {
  setText(table, row, column, text, <u32>(appendText(constant, text) - text));
}

function protocolName(protocol: i32): string {
  switch (protocol) {
    case BY_HTTP: return "http";
    case BY_FTP: return "ftp";
    case BY_TFTP: return "tftp";
    case BY_IMAP: return "imap";
    case BY_POP3: return "pop3";
    case BY_SMB: return "smb";
    case BY_DCC: return "dcc";
  }
  return "smtp";
}
