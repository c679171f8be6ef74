import {text} from "../ascii.ts";
import {ByteCache} from "../byte-cache.ts";
import type {DissectedFlow} from "../protocol.ts";
import {CodedText} from "../row-buffer.ts";
import {clientHello, highestVersion, type ServerHello, versionName} from "./client-hello.ts";
import {type Carrier, ja3, ja4} from "./fingerprints.ts";
import {maxKeyBytes, scan} from "./hello-scan.ts";

/** What a row of `tls` tells of a ClientHello, apart from the name it asks for: the same for all hellos of a client. */
interface Offered {
  /** Highest version offered. */
  readonly version: CodedText;
  /** ALPN names offered, comma-separated; null without. */
  readonly alpn: CodedText | null;
  readonly ja4: CodedText;
  readonly ja3: CodedText;
}

/** A ClientHello on its way to a row of `tls`. */
export interface Offer {
  readonly offered: Offered;
  readonly serverName: string | null;
  /** Time of the packet it began in. */
  readonly ts: number;
}

/** Places in the list of columns of `tls`. */
const column = {version: 3, serverName: 4, alpn: 5, ja4: 6, ja3: 7, cipher: 8} as const;

/** ALPN names that are written. */
const maxNames = 16;

/** By what `scan` leaves of a hello: few clients make most connections, and hashing costs most of reading one. */
const seen: Readonly<Record<Carrier, ByteCache<Offered>>> = {
  t: new ByteCache(1 << 11, maxKeyBytes),
  q: new ByteCache(1 << 11, maxKeyBytes),
  d: new ByteCache(1 << 8, maxKeyBytes)
};

/**
 * The offer of the ClientHello in the body of a handshake message, null where its lengths contradict each other; the
 * flow is named after it where it has no name yet.
 */
export function offerOf(
  bytes: Uint8Array,
  start: number,
  end: number,
  over: Carrier,
  ts: number,
  flow: DissectedFlow
): Offer | null {
  const scanned = scan(bytes, start, end);
  if (scanned === null) return null;
  const {key, length, nameStart, nameEnd} = scanned;
  let offered = length < 0 ? null : (seen[over].get(key, 0, length) ?? null);
  if (offered === null) {
    offered = offeredBy(bytes, start, end, over);
    if (offered === null) return null;
    if (length >= 0) seen[over].keep(key, 0, length, offered);
  }
  const serverName = nameStart < 0 ? null : text(bytes, nameStart, nameEnd, 255);
  flow.serverName ??= serverName;
  flow.ja4 ??= offered.ja4.value;
  return {offered, serverName, ts};
}

/** Writes the row of an offer, with what the server chose where that was seen. */
export function writeHello({offered, serverName, ts}: Offer, server: ServerHello | null, flow: DissectedFlow): void {
  const {tls: rows} = flow.output;
  const row = rows.add(flow.flowHi, flow.flowLo, ts);
  if (row < 0) return;
  if (server === null) rows.codedText(row, column.version, offered.version);
  else rows.text(row, column.version, versionName(server.version));
  rows.text(row, column.serverName, serverName);
  rows.codedText(row, column.alpn, offered.alpn);
  rows.codedText(row, column.ja4, offered.ja4);
  rows.codedText(row, column.ja3, offered.ja3);
  rows.number(row, column.cipher, server === null ? null : server.cipher);
}

function offeredBy(bytes: Uint8Array, start: number, end: number, over: Carrier): Offered | null {
  const hello = clientHello(bytes, start, end);
  if (hello === null) return null;
  return {
    version: new CodedText(versionName(highestVersion(hello))),
    alpn: hello.alpn.length === 0 ? null : new CodedText(protocolNames(hello.alpn)),
    ja4: new CodedText(ja4(hello, over)),
    ja3: new CodedText(ja3(hello))
  };
}

const protocolNames = (names: readonly Uint8Array[]) =>
  names
    .slice(0, maxNames)
    .map((name) => text(name, 0, name.length))
    .join(",");
