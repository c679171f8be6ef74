import * as crypto from "node:crypto";
import {type ClientHello, highestVersion} from "./client-hello.ts";

/** What carried the ClientHello: TCP, QUIC or datagrams (DTLS). */
export type Carrier = "t" | "q" | "d";

const versions: Readonly<Record<number, string>> = {
  772: "13",
  771: "12",
  770: "11",
  769: "10",
  768: "s3",
  2: "s2",
  65279: "d1",
  65277: "d2",
  65276: "d3"
};

const none = "000000000000";

/** JA4 client fingerprint (FoxIO JA4 technical details): `t13d1516h2_8daaf6152771_e5627efa2ab1`. */
export function ja4(hello: ClientHello, over: Carrier): string {
  const {ciphers, extensions, signatureAlgorithms, alpn, hasServerName} = hello;
  const version = versions[highestVersion(hello)] ?? "00";
  const a = `${over}${version}${hasServerName ? "d" : "i"}${count(ciphers)}${count(extensions)}${alpnCharacters(alpn[0])}`;
  const sorted = hexList(extensions.filter(isCounted), true);
  const c = signatureAlgorithms.length === 0 ? sorted : `${sorted}_${hexList(signatureAlgorithms, false)}`;
  return `${a}_${ciphers.length === 0 ? none : digest("sha256", hexList(ciphers, true)).slice(0, 12)}_${c === "" ? none : digest("sha256", c).slice(0, 12)}`;
}

/** JA3 client fingerprint (salesforce/ja3): MD5 of what `ja3Text` gives. */
export function ja3(hello: ClientHello): string {
  return digest("md5", ja3Text(hello));
}

/** `771,4865-4866,0-23,29-23,0`: version, ciphers, extensions, groups, point formats, without GREASE. */
export function ja3Text({version, ciphers, extensions, groups, pointFormats}: ClientHello): string {
  return `${version},${ciphers.join("-")},${extensions.join("-")},${groups.join("-")},${pointFormats.join("-")}`;
}

/** SNI and ALPN are in the first part already. */
const isCounted = (extension: number) => extension !== 0 && extension !== 16;

const count = (list: readonly number[]) => String(Math.min(list.length, 99)).padStart(2, "0");

function hexList(values: readonly number[], isSorted: boolean): string {
  const ordered = isSorted ? Uint16Array.from(values).sort() : values;
  let list = "";
  for (const value of ordered) list += `,${(value + 0x10000).toString(16).slice(1)}`;
  return list.slice(1);
}

/** Hexadecimal digest; in one call where Node has it (20.12). */
function digest(algorithm: string, text: string): string {
  return crypto.hash ? crypto.hash(algorithm, text, "hex") : crypto.createHash(algorithm).update(text).digest("hex");
}

/**
 * First and last character of the first ALPN name: 9 for one outside ASCII, as both of FoxIO's implementations have it;
 * of the name's hexadecimal form where either is ASCII and not alphanumeric, as its specification has it.
 */
function alpnCharacters(name: Uint8Array | undefined): string {
  if (name === undefined || name.length === 0) return "00";
  const first = name[0];
  const last = name[name.length - 1];
  if (isShown(first) && isShown(last)) return shown(first) + shown(last);
  return first.toString(16).padStart(2, "0")[0] + last.toString(16).padStart(2, "0")[1];
}

const isShown = (byte: number) => byte > 0x7f || isAlphanumeric(byte);

const shown = (byte: number) => (byte > 0x7f ? "9" : String.fromCharCode(byte));

const isAlphanumeric = (byte: number) =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
