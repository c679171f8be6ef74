import {allocate, release} from "../../heap";
import {isTextAnyCase} from "../../text";
import {closeNtlm, FAILED, finishNtlm, GRANTED, NtlmExchange, takeNtlm} from "../ntlm/ntlm-exchange";
import {findNtlm} from "../ntlm/ntlm-message";
import {HttpHead} from "./http-message";
import {base64Value} from "../mail/base64";

/** NTLM within header fields (RFC 4559 §4): a challenge in a response, and who answers it in the next request. */

const CARRIER = "http";
const UNAUTHORIZED: f64 = 401;
const PROXY_UNAUTHORIZED: f64 = 407;

/** Bytes of a field that are looked at, and the token in them. */
const MAX_FIELD: usize = 1024;
const token = memory.data(768);

/** Takes a head of flow `id` that began at `ts`; `exchange` is what the connection has so far, 0 without, and what it has then. */
export function takeHttpNtlm(exchange: usize, head: HttpHead, ts: f64, id: u64): usize {
  const isRequest = head.isRequest !== 0;
  if (!isRequest && exchange !== 0) {
    const isRefused = head.status === UNAUTHORIZED || head.status === PROXY_UNAUTHORIZED;
    finishNtlm(changetype<NtlmExchange>(exchange), id, CARRIER, isRefused ? FAILED : GRANTED, head.status);
  }
  const end = decode(head.authorization, head.authorizationEnd);
  const last = end !== token ? end : decode(head.proxyAuthorization, head.proxyAuthorizationEnd);
  if (findNtlm(token, last) === 0) return exchange;
  if (exchange === 0) {
    exchange = allocate(offsetof<NtlmExchange>());
    if (exchange === 0) return 0;
    memory.fill(exchange, 0, offsetof<NtlmExchange>());
  }
  takeNtlm(changetype<NtlmExchange>(exchange), token, last, ts, id, CARRIER);
  return exchange;
}

/** The connection has ended: what is open is written, and all let go of. */
export function closeHttpNtlm(exchange: usize, id: u64): void {
  if (exchange === 0) return;
  closeNtlm(changetype<NtlmExchange>(exchange), id, CARRIER);
  release(exchange, offsetof<NtlmExchange>());
}

/** Decodes what stands behind NTLM or Negotiate in a field's value; where it ends, at `token` where there is nothing. */
function decode(start: usize, end: usize): usize {
  let at = start;
  if (start === 0) return token;
  if (isTextAnyCase(start, end, "NTLM ")) at += 5;
  else if (isTextAnyCase(start, end, "NEGOTIATE ")) at += 10;
  else return token;
  let to: usize = token;
  let bits: u32 = 0;
  let count: u32 = 0;
  for (const last = min(end, start + MAX_FIELD); at < last; at++) {
    const value = base64Value(load<u8>(at));
    if (value > 63) return to;
    bits = (bits << 6) | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    store<u8>(to++, <u8>(bits >> count));
  }
  return to;
}
