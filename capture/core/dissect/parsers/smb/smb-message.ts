import {appendNumber, appendText} from "../../text";

/** Dialects besides the revisions of SMB 2. */
export const NO_DIALECT = -1;
export const NT_LM = -2;

/** What a message does with a file, or a pipe. */
export const NOTHING: u8 = 0;
export const READ: u8 = 1;
export const WRITE: u8 = 2;
/** Both at once, as a call and its answer are. */
export const TRANSCEIVE: u8 = 3;
export const CLOSE: u8 = 4;
export const DELETE: u8 = 5;
export const RENAME: u8 = 6;

/** A message of SMB, as far as records need it. */
@unmanaged
export class Message {
  /** What a response has in common with its request. */
  id: i64 = 0;
  session: u64 = 0;
  /** The open file that is meant; FILE_BEFORE: the one of the message before, in the same packet. */
  fileLow: u64 = 0;
  fileHigh: u64 = 0;
  /** Bytes that are written or were read, or the size of an opened file. */
  amount: f64 = 0;
  /** Where in the file a request reads or writes. */
  offset: u64 = 0;
  /** 1, or 2 for SMB 2 and 3. */
  generation: i32 = 0;
  command: i32 = 0;
  /** Identifier of the share that is meant. */
  tree: u32 = 0;
  /** NTSTATUS of a response. */
  status: u32 = 0;
  /** Dialect that a server chose, as `appendDialect` takes it; NO_DIALECT in other messages. */
  dialect: i32 = 0;
  /** How a file was opened ([MS-SMB2] §2.2.14), 0 superseded to 3 overwritten; -1 where that is not told. */
  createAction: i32 = 0;
  /** Bytes of a file or pipe, or of a login's token: where those are that are here, and how many more follow. */
  dataAt: u32 = 0;
  dataEnd: u32 = 0;
  dataMissing: u32 = 0;
  /** Kept texts of a login without NTLM's messages; 0 without. They are the reader's. */
  user: u32 = 0;
  domain: u32 = 0;
  /** Where the next message of the same packet begins; 0 after the last. */
  next: u32 = 0;
  isResponse: u8 = 0;
  /** Whether it has a path (wide-text.ts) of a share, or of a file within one; 0 also where that is not among the bytes. */
  hasPath: u8 = 0;
  action: u8 = 0;
  /** Whether the file is to go when it is closed. */
  deletesOnClose: u8 = 0;
  reserved: u32 = 0;
}

/** The message last read; valid until the next one. */
export const message = changetype<Message>(memory.data(120, 8));

export const FILE_BEFORE: u64 = 0xffffffffffffffff;

/** Makes it empty. */
export function clearMessage(): void {
  memory.fill(changetype<usize>(message), 0, offsetof<Message>());
  message.dialect = NO_DIALECT;
  message.createAction = -1;
}

/** Bytes that begin at `at`, `length` of them, of a message that is here up to `end`. */
export function setData(at: usize, length: u32, end: usize): void {
  if (at >= end) {
    message.dataMissing = length;
    return;
  }
  message.dataAt = <u32>at;
  message.dataEnd = <u32>(<usize>length > end - at ? end : at + length);
  message.dataMissing = length - (message.dataEnd - message.dataAt);
}

/** Commands of SMB 1 ([MS-CIFS] §2.2.2.1) that are read further. */
export const SMB1_CLOSE = 0x04;
export const SMB1_DELETE = 0x06;
export const SMB1_RENAME = 0x07;
export const SMB1_TRANSACTION = 0x25;
export const SMB1_OPEN = 0x2d;
export const SMB1_READ = 0x2e;
export const SMB1_WRITE = 0x2f;
export const SMB1_TRANSACTION2 = 0x32;
export const SMB1_TRANSACTION2_SECONDARY = 0x33;
export const SMB1_NEGOTIATE = 0x72;
export const SMB1_SESSION_SETUP = 0x73;
export const SMB1_TREE_CONNECT = 0x75;
export const SMB1_NT_TRANSACT = 0xa0;
export const SMB1_CREATE = 0xa2;

/** Transactions that no client needs, with their function above the command: see `smb1CommandName`. */
export const SMB1_SESSION_SETUP_2 = 0x0e32;
export const SMB1_PEEK_NOTHING = 0x2325;
export const SMB1_NT_RENAME = 0x05a0;
export const SMB1_MIXED = 0x0133;

/** Commands of SMB 2 ([MS-SMB2] §2.2.1.2) that are read further. */
export const SMB2_NEGOTIATE = 0;
export const SMB2_SESSION_SETUP = 1;
export const SMB2_TREE_CONNECT = 3;
export const SMB2_CREATE = 5;
export const SMB2_CLOSE = 6;
export const SMB2_READ = 8;
export const SMB2_WRITE = 9;
export const SMB2_IOCTL = 11;
export const SMB2_SET_INFO = 17;

/** Name of a command that has a row of its own; empty for the others: what is read and written is summed. */
export function smbCommandName(generation: i32, command: i32): string {
  return generation === 1 ? smb1CommandName(command) : smb2CommandName(command);
}

function smb1CommandName(command: i32): string {
  switch (command) {
    case SMB1_DELETE:
      return "delete";
    case SMB1_RENAME:
      return "rename";
    case SMB1_OPEN:
      return "open";
    case 0x71:
      return "tree_disconnect";
    case SMB1_NEGOTIATE:
      return "negotiate";
    case SMB1_SESSION_SETUP:
      return "session_setup";
    case 0x74:
      return "logoff";
    case SMB1_TREE_CONNECT:
      return "tree_connect";
    case SMB1_CREATE:
      return "create";
    // Reserved, and never implemented (§2.2.6.15, §2.2.7.5).
    case SMB1_SESSION_SETUP_2:
      return "trans2_session_setup";
    case SMB1_NT_RENAME:
      return "nt_transact_rename";
    // Of no pipe (§2.2.5.5).
    case SMB1_PEEK_NOTHING:
      return "peek_named_pipe";
    // The rest of one kind of transaction behind the beginning of another (§3.2.4.1.4).
    case SMB1_MIXED:
      return "mixed_transaction";
  }
  return "";
}

function smb2CommandName(command: i32): string {
  switch (command) {
    case SMB2_NEGOTIATE:
      return "negotiate";
    case SMB2_SESSION_SETUP:
      return "session_setup";
    case 2:
      return "logoff";
    case SMB2_TREE_CONNECT:
      return "tree_connect";
    case 4:
      return "tree_disconnect";
    case SMB2_CREATE:
      return "create";
  }
  return "";
}

// @ts-ignore: decorator
@inline
export function isTreeConnect(generation: i32, command: i32): bool {
  return command === (generation === 1 ? SMB1_TREE_CONNECT : SMB2_TREE_CONNECT);
}

// @ts-ignore: decorator
@inline
export function isSessionSetup(generation: i32, command: i32): bool {
  return command === (generation === 1 ? SMB1_SESSION_SETUP : SMB2_SESSION_SETUP);
}

/** Whether the command opens a file or a pipe. */
// @ts-ignore: decorator
@inline
export function isCreate(generation: i32, command: i32): bool {
  return generation === 1 ? command === SMB1_CREATE || command === SMB1_OPEN : command === SMB2_CREATE;
}

/** Writes `2.0.2`, `2.1`, `3.0`, `3.0.2`, `3.1.1`, `NT LM 0.12`; where it ends. */
export function appendDialect(dialect: i32, to: usize): usize {
  if (dialect === NT_LM) return appendText("NT LM 0.12", to);
  to = appendNumber(dialect >> 8, to);
  store<u8>(to++, 0x2e);
  to = appendNumber((dialect >> 4) & 15, to);
  if ((dialect & 15) === 0) return to;
  store<u8>(to++, 0x2e);
  return appendNumber(dialect & 15, to);
}
