import {Event} from "../../meter/layout";
import {rpcProgram} from "./rpc";

/** NFS by a call of ONC RPC to it, or to the programs beside it: mounts, locks, its status and access lists (RFC 1813, RFC 7530). */
export function recogniseNfs(event: Event, start: usize, end: usize): bool {
  switch (rpcProgram(event, start, end)) {
    case 100_003:
    case 100_005:
    case 100_021:
    case 100_024:
    case 100_227:
      return true;
  }
  return false;
}
