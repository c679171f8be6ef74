import {LOGINS_AUTH, LOGINS_PROTOCOL, LOGINS_SHARE, LOGINS_SUCCESS, LOGINS_TABLE, LOGINS_USER, LOGINS_VERSION} from "../columns";
import {addRow, setKept, setNull, setNumber, tableAt} from "../rows";
import {setWord} from "./kept";

/**
 * Writes a row of `logins`. `user`, `share`, `version`: kept, 0 without; `auth`: empty without; `success`: 1, 0, NaN where it
 * was not seen.
 */
export function writeLogin(
  id: u64,
  ts: f64,
  protocol: string,
  user: usize,
  auth: string,
  success: f64,
  share: usize = 0,
  version: usize = 0
): void {
  const rows = tableAt(LOGINS_TABLE);
  const row = addRow(rows, id, ts);
  if (row < 0) return;
  setWord(rows, row, LOGINS_PROTOCOL, protocol);
  setKept(rows, row, LOGINS_USER, user);
  if (auth.length === 0) setNull(rows, row, LOGINS_AUTH);
  else setWord(rows, row, LOGINS_AUTH, auth);
  setNumber(rows, row, LOGINS_SUCCESS, success);
  setKept(rows, row, LOGINS_SHARE, share);
  setKept(rows, row, LOGINS_VERSION, version);
}
