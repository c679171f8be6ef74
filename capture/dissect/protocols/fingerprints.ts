import {createHash} from "node:crypto";
import {type ClientHello, highestVersion, isGrease} from "./client-hello.ts";

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

/**
 * JA4 client fingerprint (FoxIO JA4 technical details): `t13d1516h2_8daaf6152771_e5627efa2ab1`. `over` is t for TCP,
 * q for QUIC, d for DTLS.
 */
export function ja4(hello: ClientHello, over: "t" | "q" | "d"): string {
  const ciphers = hello.ciphers.filter((value) => !isGrease(value));
  const extensions = hello.extensions.filter((value) => !isGrease(value));
  const count = (list: readonly number[]) => String(Math.min(list.length, 99)).padStart(2, "0");
  const version = versions[highestVersion(hello)] ?? "00";
  const a = `${over}${version}${hello.hasServerName ? "d" : "i"}${count(ciphers)}${count(extensions)}${alpnCharacters(hello.alpn[0])}`;
  const sorted = extensions
    .filter((value) => value !== 0 && value !== 16)
    .map(hex)
    .sort()
    .join(",");
  const algorithms = hello.signatureAlgorithms
    .filter((value) => !isGrease(value))
    .map(hex)
    .join(",");
  const b = ciphers.length === 0 ? none : sha256(ciphers.map(hex).sort().join(","));
  const c = extensions.length === 0 ? none : sha256(algorithms === "" ? sorted : `${sorted}_${algorithms}`);
  return `${a}_${b}_${c}`;
}

/** JA3 client fingerprint (salesforce/ja3): MD5 of what `ja3Text` gives. */
export function ja3(hello: ClientHello): string {
  return createHash("md5").update(ja3Text(hello)).digest("hex");
}

/** `771,4865-4866,0-23,29-23,0`: version, ciphers, extensions, groups, point formats, without GREASE. */
export function ja3Text({version, ciphers, extensions, groups, pointFormats}: ClientHello): string {
  const list = (values: readonly number[]) => values.filter((value) => !isGrease(value)).join("-");
  return `${version},${list(ciphers)},${list(extensions)},${list(groups)},${pointFormats.join("-")}`;
}

const hex = (value: number) => value.toString(16).padStart(4, "0");

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);

const isAlphanumeric = (byte: number) =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);

/** First and last character of the first ALPN name; of its hexadecimal form where either is not alphanumeric. */
function alpnCharacters(name: Uint8Array | undefined): string {
  if (name === undefined || name.length === 0) return "00";
  const first = name[0];
  const last = name[name.length - 1];
  if (isAlphanumeric(first) && isAlphanumeric(last)) return String.fromCharCode(first, last);
  return first.toString(16).padStart(2, "0")[0] + last.toString(16).padStart(2, "0")[1];
}
