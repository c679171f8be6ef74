import {
  LDAP_ATTRIBUTES,
  LDAP_AUTH,
  LDAP_BASE,
  LDAP_ENTRIES,
  LDAP_FILTER,
  LDAP_MESSAGE_ID,
  LDAP_OPERATION,
  LDAP_RESULT,
  LDAP_RTT_US,
  LDAP_SCOPE,
  LDAP_TABLE,
  LDAP_USER
} from "../../columns";
import {allocate, dropText, keepText, release} from "../../heap";
import {Linked} from "../../list";
import {addRow, setKept, setNull, setNumber, setText, tableAt} from "../../rows";
import {appendText} from "../../text";
import {ldapLength, ldapText, messageId, NO_TEXT, operation, operationName, scope, SEARCH, TEXTS} from "./ldap-message";

/** A request that awaits its result; kept texts behind it, in the order of ldap-message.ts. */
@unmanaged
export class LdapRequest extends Linked {
  id: i32 = 0;
  ts: f64 = 0;
  entries: u32 = 0;
  scope: i32 = 0;
  operation: u8 = 0;
  isStartTls: u8 = 0;
  reserved: u16 = 0;

  isFor(id: i64): bool {
    return <i64>this.id === id;
  }
}

const REQUEST_BYTES: usize = (offsetof<LdapRequest>() + 3) & ~3;
const BLOCK_BYTES: usize = REQUEST_BYTES + <usize>TEXTS * 4;

const word = memory.data(16);

/** The message last read, which is a request and came at `ts`; null where memory is out. */
export function makeLdapRequest(ts: f64): LdapRequest | null {
  const block = allocate(BLOCK_BYTES);
  if (block === 0) return null;
  memory.fill(block, 0, BLOCK_BYTES);
  const request = changetype<LdapRequest>(block);
  request.id = messageId;
  request.ts = ts;
  request.operation = operation;
  request.scope = scope;
  for (let i = 0; i < TEXTS; i++)
    if (ldapLength(i) !== NO_TEXT) store<u32>(textAt(request, i), <u32>keepText(ldapText(i), ldapLength(i)));
  return request;
}

// @ts-ignore: decorator
@inline
function textAt(request: LdapRequest, which: i32): usize {
  return changetype<usize>(request) + REQUEST_BYTES + (<usize>which << 2);
}

/** One of its texts, kept; 0 without. */
export function requestText(request: LdapRequest, which: i32): usize {
  return <usize>load<u32>(textAt(request, which));
}

export function dropLdapRequest(request: LdapRequest): void {
  for (let i = 0; i < TEXTS; i++) dropText(requestText(request, i));
  release(changetype<usize>(request), BLOCK_BYTES);
}

/** Writes its row, of flow `id`; `code` and `rtt` are NaN where no result was seen. */
export function writeLdap(request: LdapRequest, code: f64, rtt: f64, id: u64): void {
  const rows = tableAt(LDAP_TABLE);
  const row = addRow(rows, id, request.ts);
  if (row < 0) return;
  setNumber(rows, row, LDAP_MESSAGE_ID, request.id);
  setText(rows, row, LDAP_OPERATION, word, <u32>(appendText(operationName(request.operation), word) - word));
  setKept(rows, row, LDAP_USER, requestText(request, 0));
  setKept(rows, row, LDAP_AUTH, requestText(request, 1));
  setKept(rows, row, LDAP_BASE, requestText(request, 2));
  setKept(rows, row, LDAP_FILTER, requestText(request, 3));
  setKept(rows, row, LDAP_ATTRIBUTES, requestText(request, 4));
  const isSearch = request.operation === SEARCH;
  const name = request.scope === 0 ? "base" : request.scope === 1 ? "one" : request.scope === 2 ? "subtree" : "";
  if (isSearch && name.length > 0) setText(rows, row, LDAP_SCOPE, word, <u32>(appendText(name, word) - word));
  else setNull(rows, row, LDAP_SCOPE);
  setNumber(rows, row, LDAP_ENTRIES, isSearch ? <f64>request.entries : NaN);
  setNumber(rows, row, LDAP_RESULT, code);
  setNumber(rows, row, LDAP_RTT_US, rtt);
}
