import type {TextColumn} from "../../schema/rows.ts";
import type {AddressPlace, FinishedFlows} from "../meter/meter.ts";
import {grown, TextBuilder} from "./row-buffer.ts";

/** Programs keep an address longer than its TTL says, and connections are made of it again; µs. */
const leastLifeUs = 3600e6;

/** No record may be believed for longer; µs. */
const mostLifeUs = 86_400e6;

/** A pair that is answered again moves behind the others after this long only, as moving costs more than all else; µs. */
const restUs = 60e6;

/** Earlier names of a pair that are kept: flows are told of when they end, and began when another name held. */
const maxEarlier = 16;

/** Pairs that there is room for at first. */
const firstPairs = 256;

const wordsPerAddress = 4;
const wordsPerPair = 2 * wordsPerAddress;
const none = -1;

interface Answer {
  readonly name: string;
  /** When it came, and until when it is believed; µs since 1970. */
  readonly from: number;
  readonly until: number;
}

/**
 * Names by what DNS answered before: whoever had a name looked up and then connects to an address of the answer meant
 * that name (Zeek's and ntopng's `dns` names of hosts). Bounded: the pair of client and address seen longest ago is
 * forgotten, and counted. A pair is a place in arrays of numbers, found by its addresses' bytes: of many thousand that
 * come and go nothing is left to be collected.
 */
export class LookedUpNames {
  forgotten = 0;
  readonly #limit: number;
  #pairs = 0;
  /** By pair: the addresses' words, those of the client first; of IPv4 only the first word counts. */
  #words = new Int32Array(0);
  #versions = new Uint8Array(0);
  #hashes = new Int32Array(0);
  /** The last answer, and when the pair was put where it is in the order of answers; µs since 1970. */
  readonly #names: string[] = [];
  #from = new Float64Array(0);
  #until = new Float64Array(0);
  #placed = new Float64Array(0);
  /** The answers before with other names, oldest first, of pairs that have any. */
  readonly #earlier = new Map<number, Answer[]>();
  /** By hash: the first pair; by pair: the next of the same bucket. */
  #buckets = new Int32Array(0);
  #next = new Int32Array(0);
  /** By pair: the one answered before and after it. */
  #older = new Int32Array(0);
  #newer = new Int32Array(0);
  #oldest = none;
  #newest = none;
  /** Hash of the pair last looked for. */
  #hash = 0;
  readonly #builder = new TextBuilder();

  /** `limit`: pairs of client and address remembered at most. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** An answer of `ts` (µs since 1970) gave these addresses for a name that `client` asked for. */
  note(client: AddressPlace, name: string, addresses: readonly AddressPlace[], ts: number, ttlSeconds: number): void {
    const until = ts + Math.min(Math.max(ttlSeconds * 1e6, leastLifeUs), mostLifeUs);
    for (let i = 0; i < addresses.length; i++) {
      const address = addresses[i];
      const pair = this.#find(client.words, client.at, client.version, address.words, address.at, address.version);
      if (pair === none) this.#add(client, address, name, ts, until);
      else this.#answerAgain(pair, name, ts, until);
    }
  }

  /** `flows.dns_name` of a batch: by each flow's originator, responder and time of its first packet. */
  column(flows: FinishedFlows): TextColumn {
    const {rows} = flows;
    if (this.#pairs === 0) return this.#builder.take(rows);
    const source = flows.addresses("src_ip")!;
    const destination = flows.addresses("dst_ip")!;
    const sourceWords = wordsOf(source.addresses);
    const destinationWords = wordsOf(destination.addresses);
    const start = flows.column("ts_start") as Float64Array;
    for (let row = 0; row < rows; row++) {
      const from = (row * source.stride) >> 2;
      const to = (row * destination.stride) >> 2;
      const fromVersion = source.versions[row * source.versionStride];
      const toVersion = destination.versions[row * destination.versionStride];
      const pair = this.#find(sourceWords, from, fromVersion, destinationWords, to, toVersion);
      if (pair === none) continue;
      const name = this.#nameAt(pair, start[row]);
      if (name !== null) this.#builder.set(row, name);
    }
    return this.#builder.take(rows);
  }

  /** The pair of two addresses, of which `#hash` then is the hash. */
  #find(
    client: Int32Array,
    clientAt: number,
    clientVersion: number,
    address: Int32Array,
    at: number,
    version: number
  ): number {
    const words = this.#words;
    const versions = (clientVersion << 4) | version;
    const mixed = addressHash(addressHash(0, client, clientAt, clientVersion), address, at, version);
    const hash = mixed ^ (mixed >>> 13);
    this.#hash = hash;
    if (this.#buckets.length === 0) return none;
    let pair = this.#buckets[hash & (this.#buckets.length - 1)];
    for (; pair !== none; pair = this.#next[pair]) {
      if (this.#hashes[pair] !== hash || this.#versions[pair] !== versions) continue;
      const own = pair * wordsPerPair;
      if (
        isSame(words, own, client, clientAt, clientVersion) &&
        isSame(words, own + wordsPerAddress, address, at, version)
      )
        break;
    }
    return pair;
  }

  /** Adds the pair that was just looked for and not found. */
  #add(client: AddressPlace, {words, at, version}: AddressPlace, name: string, from: number, until: number): void {
    const pair = this.#pairs < this.#limit ? this.#pairs++ : this.#forgetOldest();
    if (pair >= this.#next.length) this.#grow();
    for (let i = 0; i < wordsPerAddress; i++) {
      this.#words[pair * wordsPerPair + i] = client.words[client.at + i];
      this.#words[pair * wordsPerPair + wordsPerAddress + i] = words[at + i];
    }
    this.#versions[pair] = (client.version << 4) | version;
    this.#hashes[pair] = this.#hash;
    this.#names[pair] = name;
    this.#from[pair] = from;
    this.#until[pair] = until;
    this.#intoBucket(pair);
    this.#placeLast(pair, from);
  }

  #answerAgain(pair: number, name: string, ts: number, until: number): void {
    if (ts - this.#placed[pair] > restUs) {
      this.#takeOut(pair);
      this.#placeLast(pair, ts);
    }
    if (this.#names[pair] === name && ts <= this.#until[pair]) {
      if (until > this.#until[pair]) this.#until[pair] = until;
      return;
    }
    let earlier = this.#earlier.get(pair);
    if (earlier === undefined) this.#earlier.set(pair, (earlier = []));
    if (earlier.length >= maxEarlier) earlier.shift();
    earlier.push({name: this.#names[pair], from: this.#from[pair], until: this.#until[pair]});
    this.#names[pair] = name;
    this.#from[pair] = ts;
    this.#until[pair] = until;
  }

  /** The name that was answered last by then. */
  #nameAt(pair: number, ts: number): string | null {
    if (this.#from[pair] <= ts) return ts <= this.#until[pair] ? this.#names[pair] : null;
    const earlier = this.#earlier.get(pair);
    if (earlier === undefined) return null;
    let i = earlier.length - 1;
    while (i >= 0 && earlier[i].from > ts) i--;
    return i >= 0 && ts <= earlier[i].until ? earlier[i].name : null;
  }

  /** Frees the place of the pair answered longest ago. */
  #forgetOldest(): number {
    const pair = this.#oldest;
    this.#takeOut(pair);
    const bucket = this.#hashes[pair] & (this.#buckets.length - 1);
    if (this.#buckets[bucket] === pair) this.#buckets[bucket] = this.#next[pair];
    else {
      let before = this.#buckets[bucket];
      while (this.#next[before] !== pair) before = this.#next[before];
      this.#next[before] = this.#next[pair];
    }
    this.#earlier.delete(pair);
    this.forgotten++;
    return pair;
  }

  #intoBucket(pair: number): void {
    const bucket = this.#hashes[pair] & (this.#buckets.length - 1);
    this.#next[pair] = this.#buckets[bucket];
    this.#buckets[bucket] = pair;
  }

  #placeLast(pair: number, ts: number): void {
    this.#placed[pair] = ts;
    this.#older[pair] = this.#newest;
    this.#newer[pair] = none;
    if (this.#newest === none) this.#oldest = pair;
    else this.#newer[this.#newest] = pair;
    this.#newest = pair;
  }

  #takeOut(pair: number): void {
    const [older, newer] = [this.#older[pair], this.#newer[pair]];
    if (older === none) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === none) this.#newest = older;
    else this.#older[newer] = older;
  }

  /** Twice the room; the pairs that are there keep their places. */
  #grow(): void {
    const known = this.#next.length;
    const room = known === 0 ? firstPairs : known * 2;
    this.#words = grown(this.#words, new Int32Array(room * wordsPerPair));
    this.#versions = grown(this.#versions, new Uint8Array(room));
    this.#hashes = grown(this.#hashes, new Int32Array(room));
    this.#from = grown(this.#from, new Float64Array(room));
    this.#until = grown(this.#until, new Float64Array(room));
    this.#placed = grown(this.#placed, new Float64Array(room));
    this.#older = grown(this.#older, new Int32Array(room));
    this.#newer = grown(this.#newer, new Int32Array(room));
    this.#next = new Int32Array(room);
    this.#buckets = new Int32Array(room * 2).fill(none);
    for (let pair = 0; pair < known; pair++) this.#intoBucket(pair);
  }
}

/** Little-endian words of addresses that begin at a multiple of 4 bytes. */
const wordsOf = ({buffer, byteOffset, byteLength}: Uint8Array) => new Int32Array(buffer, byteOffset, byteLength >> 2);

function isSame(words: Int32Array, own: number, others: Int32Array, at: number, version: number): boolean {
  if (words[own] !== others[at]) return false;
  return (
    version === 4 ||
    (words[own + 1] === others[at + 1] && words[own + 2] === others[at + 2] && words[own + 3] === others[at + 3])
  );
}

/** Continues a hash by an address; multiplier and finish of MurmurHash3. */
function addressHash(hash: number, words: Int32Array, at: number, version: number): number {
  hash = Math.imul(hash ^ words[at], 0x9e3779b1);
  hash ^= hash >>> 15;
  if (version !== 4)
    for (let i = 1; i < wordsPerAddress; i++) {
      hash = Math.imul(hash ^ words[at + i], 0x9e3779b1);
      hash ^= hash >>> 15;
    }
  return Math.imul(hash, 0x85ebca6b);
}
