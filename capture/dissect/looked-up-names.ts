import type {AddressColumn, TextColumn} from "../../schema/rows.ts";
import {ipv4Text, ipv6Text} from "../meter/address-text.ts";
import type {FinishedFlows} from "../meter/meter.ts";
import {TextBuilder} from "./row-buffer.ts";

/** An address that a DNS answer gave. */
export interface AnsweredAddress {
  readonly text: string;
  /** `addressHash` of its bytes. */
  readonly hash: number;
}

/** Programs keep an address longer than its TTL says, and connections are made of it again; µs. */
const leastLifeUs = 3600e6;

/** No record may be believed for longer; µs. */
const mostLifeUs = 86_400e6;

const hashBits = 20;

/** A pair that is answered again moves behind the others after this long only, as moving costs more than all else; µs. */
const restUs = 60e6;

/** Earlier names of a pair that are kept: flows are told of when they end, and began when another name held. */
const maxEarlier = 16;

interface Answer {
  readonly name: string;
  /** When it came, and until when it is believed; µs since 1970. */
  readonly from: number;
  until: number;
}

interface LookedUp {
  /** When it was put where it is in the order of answers; µs since 1970. */
  placed: number;
  last: Answer;
  /** The answers before with other names, oldest first; null without. */
  earlier: Answer[] | null;
}

/**
 * Names by what DNS answered before: whoever had a name looked up and then connects to an address of the answer meant
 * that name (Zeek's and ntopng's `dns` names of hosts). Bounded: the pair of client and address seen longest ago is
 * forgotten, and counted.
 */
export class LookedUpNames {
  forgotten = 0;
  /** By client and address, the ones answered longest ago first. */
  readonly #names = new Map<string, LookedUp>();
  /** Hashes of the addresses answered so far: most flows go elsewhere, or come from there. */
  readonly #answered = new Int32Array(1 << (hashBits - 5));
  readonly #limit: number;
  readonly #builder = new TextBuilder();
  readonly #texts = new AddressTexts();

  /** `limit`: pairs of client and address remembered at most. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** An answer of `ts` (µs since 1970) gave these addresses for a name that `client` asked for. */
  note(client: string, name: string, addresses: readonly AnsweredAddress[], ts: number, ttlSeconds: number): void {
    const until = ts + Math.min(Math.max(ttlSeconds * 1e6, leastLifeUs), mostLifeUs);
    for (const {text, hash} of addresses) {
      const key = `${client} ${text}`;
      const known = this.#names.get(key);
      if (known === undefined) {
        if (this.#names.size >= this.#limit) this.#forget();
        this.#answered[hash >> 5] |= 1 << (hash & 31);
        this.#names.set(key, {placed: ts, last: {name, from: ts, until}, earlier: null});
        continue;
      }
      if (ts - known.placed > restUs) {
        this.#names.delete(key);
        this.#names.set(key, known);
        known.placed = ts;
      }
      const {last} = known;
      if (last.name === name && ts <= last.until) last.until = Math.max(last.until, until);
      else {
        known.earlier ??= [];
        if (known.earlier.length >= maxEarlier) known.earlier.shift();
        known.earlier.push(last);
        known.last = {name, from: ts, until};
      }
    }
  }

  /** `flows.dns_name` of a batch: by each flow's originator, responder and time of its first packet. */
  column(flows: FinishedFlows): TextColumn {
    const {rows} = flows;
    if (this.#names.size === 0) return this.#builder.take(rows);
    const source = flows.addresses("src_ip")!;
    const destination = flows.addresses("dst_ip")!;
    const start = flows.column("ts_start") as Float64Array;
    for (let row = 0; row < rows; row++) {
      if (!this.#isAnswered(destination, row)) continue;
      const known = this.#names.get(`${this.#texts.of(source, row)} ${this.#texts.of(destination, row)}`);
      if (known === undefined) continue;
      const name = nameAt(known, start[row]);
      if (name !== null) this.#builder.set(row, name);
    }
    return this.#builder.take(rows);
  }

  #isAnswered({addresses, stride, versions, versionStride}: AddressColumn, row: number): boolean {
    const at = row * stride;
    const hash = addressHash(addresses, at, versions[row * versionStride] === 4 ? at + 4 : at + 16);
    return ((this.#answered[hash >> 5] >>> (hash & 31)) & 1) === 1;
  }

  #forget(): void {
    for (const oldest of this.#names.keys()) {
      this.#names.delete(oldest);
      this.forgotten++;
      return;
    }
  }
}

/** A number of 20 bits for the bytes of an address. */
export function addressHash(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193) + 0x9e37;
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) & ((1 << hashBits) - 1);
}

/** The name that was answered last by then. */
function nameAt({last, earlier}: LookedUp, ts: number): string | null {
  let answer: Answer | null = last;
  for (let i = (earlier?.length ?? 0) - 1; answer !== null && answer.from > ts; i--)
    answer = i < 0 ? null : earlier![i];
  return answer !== null && ts <= answer.until ? answer.name : null;
}

/** Texts of addresses; of IPv4 the last ones made are kept, as few hosts make most flows. */
class AddressTexts {
  readonly #words = new Int32Array(1 << 12);
  readonly #texts: string[] = new Array(1 << 12).fill("0.0.0.0");

  of({addresses, stride, versions, versionStride}: AddressColumn, row: number): string {
    const at = row * stride;
    if (versions[row * versionStride] !== 4) return ipv6Text(addresses, at);
    const word = (addresses[at] << 24) | (addresses[at + 1] << 16) | (addresses[at + 2] << 8) | addresses[at + 3];
    const place = (Math.imul(word, 0x9e3779b1) >>> 20) & 0xfff;
    if (this.#words[place] !== word) {
      this.#words[place] = word;
      this.#texts[place] = ipv4Text(addresses, at);
    }
    return this.#texts[place];
  }
}
