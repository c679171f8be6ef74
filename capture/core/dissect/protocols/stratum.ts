import {Event} from "../../meter/layout";
import {hasText} from "../text";

/** A request is named within so many bytes: clients that put their parameters first have few of them. */
const SOUGHT: usize = 512;

/**
 * Stratum, by which miners ask a pool for work, by a call of one of its dialects in JSON: `mining.subscribe` (Bitcoin
 * and kin, Zcash), `eth_submitLogin`, `eth_getWork` (Ethereum), a `login` with an agent, `keepalived` and `submit` of a job
 * (Monero); also a pool's `mining.notify` and `job`.
 */
export function recogniseStratum(_event: Event, start: usize, end: usize): bool {
  const last = min(end, start + SOUGHT);
  if (!hasText(start, last, '"METHOD"')) return false;
  if (hasText(start, last, '"MINING.')) return true;
  if (hasText(start, last, '"ETH_SUBMIT') || hasText(start, last, '"ETH_GETWORK"')) return true;
  if (hasText(start, last, '"LOGIN"')) return hasText(start, last, '"PASS"') || hasText(start, last, '"AGENT"');
  return hasText(start, last, '"JOB_ID"');
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsStratum(byte: u8): bool {
  return byte === 0x7b;
}
