import {Event} from "../../meter/layout";
import {hasText} from "../text";

/** JSON-RPC in the clear by a call or an answer that names its version (JSON-RPC 2.0 §4), as far as its first bytes say. */
export function recogniseJsonRpc(_event: Event, start: usize, end: usize): bool {
  const last = min(end, start + 512);
  return hasText(start, last, '"JSONRPC":"2.0"') || hasText(start, last, '"JSONRPC": "2.0"');
}

/** Whether it may begin with that byte. */
export function beginsJsonRpc(byte: u8): bool {
  return byte === 0x7b || byte === 0x5b;
}
