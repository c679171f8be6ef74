import {text} from "../ascii.ts";
import type {DissectedFlow} from "../protocol.ts";
import {type ClientHello, highestVersion, type ServerHello, versionName} from "./client-hello.ts";
import {type Carrier, type Fingerprints, fingerprints} from "./fingerprints.ts";

/** A ClientHello on its way to a row of `tls`. */
export interface Offer {
  readonly hello: ClientHello;
  readonly fingerprints: Fingerprints;
  /** Time of the packet it began in. */
  readonly ts: number;
}

/** Places in the list of columns of `tls`. */
const column = {version: 3, serverName: 4, alpn: 5, ja4: 6, ja3: 7, cipher: 8} as const;

/** ALPN names that are written. */
const maxNames = 16;

/** The offer a ClientHello makes; the flow is named after it where it has no name yet. */
export function offerOf(hello: ClientHello, over: Carrier, ts: number, flow: DissectedFlow): Offer {
  const offer = {hello, fingerprints: fingerprints(hello, over), ts};
  flow.serverName ??= hello.serverName;
  flow.ja4 ??= offer.fingerprints.ja4;
  return offer;
}

/** Writes the row of an offer, with what the server chose where that was seen. */
export function writeHello({hello, fingerprints, ts}: Offer, server: ServerHello | null, flow: DissectedFlow): void {
  const {tls: rows} = flow.output;
  const row = rows.add(flow.flowHi, flow.flowLo, ts);
  if (row < 0) return;
  rows.text(row, column.version, versionName(server?.version ?? highestVersion(hello)));
  rows.text(row, column.serverName, hello.serverName);
  rows.text(row, column.alpn, hello.alpn.length === 0 ? null : protocolNames(hello.alpn));
  rows.text(row, column.ja4, fingerprints.ja4);
  rows.text(row, column.ja3, fingerprints.ja3);
  rows.number(row, column.cipher, server?.cipher ?? null);
}

const protocolNames = (names: readonly Uint8Array[]) =>
  names
    .slice(0, maxNames)
    .map((name) => text(name, 0, name.length))
    .join(",");
