import {SMB_ACTION, SMB_COMMAND, SMB_NEW_PATH, SMB_PATH, SMB_PIPE, SMB_SHARE, SMB_SIZE, SMB_STATUS, SMB_TABLE, SMB_USER, SMB_VERSION} from "../../columns";
import {addRow, setKept, setNull, setNumber, setText, tableAt} from "../../rows";
import {appendNumber, appendText, isTextAnyCase} from "../../text";
import {appendDialect, NO_DIALECT} from "./smb-message";

/** What a row of `smb` says; texts are kept ones that stay their owners', or 0. */
@unmanaged
export class SmbRow {
  ts: f64 = 0;
  status: f64 = 0;
  /** NaN without one. */
  size: f64 = 0;
  generation: i32 = 0;
  dialect: i32 = 0;
  share: u32 = 0;
  path: u32 = 0;
  newPath: u32 = 0;
  user: u32 = 0;
}

/** The row under way. */
export const smbRow = changetype<SmbRow>(memory.data(48));

/** Text of a dialect, a command or an action. */
const text = memory.data(32);

/** Makes the row empty, of a message of that generation. */
export function clearSmbRow(generation: i32, dialect: i32, ts: f64): void {
  memory.fill(changetype<usize>(smbRow), 0, offsetof<SmbRow>());
  smbRow.generation = generation;
  smbRow.dialect = dialect;
  smbRow.ts = ts;
  smbRow.status = smbRow.size = NaN;
}

/** Writes it, of flow `id`; `command` and `action` are names, empty without one. */
export function writeSmbRow(id: u64, command: string, action: string): void {
  const rows = tableAt(SMB_TABLE);
  const row = addRow(rows, id, smbRow.ts);
  if (row < 0) return;
  const last = smbRow.dialect !== NO_DIALECT ? appendDialect(smbRow.dialect, text) : appendNumber(smbRow.generation, text);
  setText(rows, row, SMB_VERSION, text, <u32>(last - text));
  setText(rows, row, SMB_COMMAND, text, <u32>(appendText(command, text) - text));
  setKept(rows, row, SMB_SHARE, smbRow.share);
  setKept(rows, row, SMB_PATH, smbRow.path);
  setNumber(rows, row, SMB_STATUS, smbRow.status);
  setKept(rows, row, SMB_USER, smbRow.user);
  if (action.length > 0) setText(rows, row, SMB_ACTION, text, <u32>(appendText(action, text) - text));
  else setNull(rows, row, SMB_ACTION);
  setNumber(rows, row, SMB_SIZE, smbRow.size);
  setKept(rows, row, SMB_NEW_PATH, smbRow.newPath);
  if (smbRow.path !== 0 && smbRow.share !== 0 && isPipeShare(smbRow.share)) {
    const name = pipeName(smbRow.path);
    setText(rows, row, SMB_PIPE, name, <u32>(<usize>smbRow.path + 4 + load<u32>(smbRow.path) - name));
  } else setNull(rows, row, SMB_PIPE);
}

/** Where the name of a pipe begins in a path, a kept text: behind the backslashes that SMB 1 puts before it. */
export function pipeName(path: usize): usize {
  const end = path + 4 + <usize>load<u32>(path);
  let at = path + 4;
  while (at < end && load<u8>(at) === 0x5c) at++;
  return at;
}

/** Whether the share, a kept text, is the one of pipes. */
export function isPipeShare(share: usize): bool {
  const end = share + 4 + <usize>load<u32>(share);
  return load<u32>(share) >= 4 && isTextAnyCase(end - 4, end, "IPC$");
}

/** How a file was opened ([MS-SMB2] §2.2.14). */
export function createActionName(action: i32): string {
  return action === 0 ? "supersede" : action === 1 ? "open" : action === 2 ? "create" : action === 3 ? "overwrite" : "";
}
