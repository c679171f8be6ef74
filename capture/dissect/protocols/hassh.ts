import {createHash} from "node:crypto";
import {text, uint32} from "../ascii.ts";
import {ByteCache} from "../byte-cache.ts";

/** What a side of SSH offers that tells its software. */
export interface Offered {
  /** Algorithms of key exchange; encryption, MAC and compression of what this side sends, each list as sent, by semicolons. */
  readonly algorithms: string;
  /** MD5 of `algorithms`. */
  readonly hassh: string;
}

/** Places among the ten lists of names of a KEXINIT that a fingerprint takes: of the client, of the server. */
const lists = {client: [0, 2, 4, 6], server: [0, 3, 5, 7]} as const;

/** SSH_MSG_KEXINIT: message number and cookie before the lists (RFC 4253 §7.1). */
const listsAt = 17;

/** Characters of one list that are kept. */
const maxListBytes = 8192;

/** What both sides' fingerprints of one KEXINIT are. */
export interface Hasshes {
  readonly client: Offered;
  readonly server: Offered;
}

/** By the bytes of the lists: few programs make most connections. */
const seen = new ByteCache<Hasshes>(1 << 8, 2048);

/**
 * HASSH and hasshServer (salesforce/hassh) of the KEXINIT whose payload is `start .. end`, as if each side had sent it;
 * null where its lists run past the end.
 */
export function hasshOf(bytes: Uint8Array, start: number, end: number): Hasshes | null {
  const from = start + listsAt;
  if (from >= end) return null;
  const known = seen.get(bytes, from, end);
  if (known !== undefined) return known;
  const made = make(bytes, from, end);
  return made === null ? null : seen.keep(bytes, from, end, made);
}

function make(bytes: Uint8Array, start: number, end: number): Hasshes | null {
  const names: string[] = [];
  let at = start;
  while (names.length < 8) {
    if (at + 4 > end) return null;
    const next = at + 4 + uint32(bytes, at);
    if (next > end) return null;
    names.push(text(bytes, at + 4, next, maxListBytes));
    at = next;
  }
  const of = (places: readonly number[]): Offered => {
    const algorithms = places.map((place) => names[place]).join(";");
    return {algorithms, hassh: createHash("md5").update(algorithms).digest("hex")};
  };
  return {client: of(lists.client), server: of(lists.server)};
}
