import {Event} from "../../meter/layout";
import {rpcProgram} from "./rpc";

/** The port mapper of ONC RPC by a call to its program (RFC 1833 §3). */
export function recogniseRpcbind(event: Event, start: usize, end: usize): bool {
  return rpcProgram(event, start, end) === 100_000;
}
