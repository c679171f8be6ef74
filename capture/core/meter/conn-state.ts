import {TCP, UDP} from "./constants";
import {Direction, directionOf, Flow, HISTORY} from "./layout";
import {CLOSED, ESTABLISHED, INACTIVE, PARTIAL, RESET, SYN_ACK_SENT, SYN_SENT} from "./tcp";

/** Codes of `conn_state`; the names are in finished-flows.ts. */
export const S0 = 0;
const S1 = 1;
const SF = 2;
const REJ = 3;
const S2 = 4;
const S3 = 5;
const RSTO = 6;
const RSTR = 7;
const RSTOS0 = 8;
const RSTRH = 9;
const SH = 10;
const SHR = 11;
const OTH = 12;

/** Zeek's conn_state of a flow (scripts/base/protocols/conn): TCP by its endpoints' states, UDP by who spoke. */
export function connState(flow: Flow): i32 {
  const originator = directionOf(flow, 0);
  const responder = directionOf(flow, 1);
  if (flow.proto === <u8>TCP) return tcpState(flow, originator, responder);
  if (flow.proto !== <u8>UDP) return OTH;
  if (originator.packets > 0) return responder.packets > 0 ? SF : S0;
  return responder.packets > 0 ? SHR : OTH;
}

function tcpState(flow: Flow, originator: Direction, responder: Direction): i32 {
  const o = originator.state;
  const r = responder.state;
  const absentO = o === INACTIVE || o === PARTIAL;
  const absentR = r === INACTIVE || r === PARTIAL;
  if (r === RESET) {
    if (o === SYN_SENT || o === SYN_ACK_SENT || (o === RESET && sentNothing(originator, responder) && sentNothing(responder, originator))) return REJ;
    return absentO ? RSTRH : RSTR;
  }
  if (o === RESET) {
    if (absentR) return isAbandoned(flow) ? RSTOS0 : OTH;
    return RSTO;
  }
  if (o === CLOSED) return r === CLOSED ? SF : absentR ? SH : S2;
  if (r === CLOSED) return absentO ? SHR : S3;
  if (o === SYN_SENT && r === INACTIVE) return S0;
  return o === ESTABLISHED && r === ESTABLISHED ? S1 : OTH;
}

/** By sequence numbers: the endpoint sent no data, or its only RST makes them meaningless. */
function sentNothing(me: Direction, peer: Direction): bool {
  if (me.previousState === SYN_SENT && me.state === RESET && peer.state === INACTIVE) return true;
  const sent = <i32>(me.highest - me.start);
  const acknowledged = <i32>(me.acknowledged - me.start);
  return max(sent, acknowledged) - 1 - <i32>(me.finCount > 0 ? 1 : 0) <= 0;
}

/** A SYN followed by a RST of its own sender, without answer, data or FIN between (`^?S[^HAFGIQ]*R`). */
function isAbandoned(flow: Flow): bool {
  const text = changetype<usize>(flow) + HISTORY;
  const length = <usize>flow.historyLength;
  let at: usize = length > 0 && load<u8>(text) === 0x5e ? 1 : 0;
  if (at >= length || load<u8>(text + at) !== 0x53) return false;
  for (at++; at < length; at++) {
    const letter = load<u8>(text + at);
    if (letter === 0x52) return true;
    if (letter === 0x48 || letter === 0x41 || letter === 0x46 || letter === 0x47 || letter === 0x49 || letter === 0x51) return false;
  }
  return false;
}
