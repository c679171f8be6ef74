import {u16At} from "../../../meter/bytes";
import {md5Known, sha256Known} from "../../crypto/known";
import {appendHex, appendNumber, appendText, hexDigit} from "../../text";
import {
  alpn,
  appendHexNumber,
  carrier,
  ciphers,
  ciphersEnd,
  extensions,
  extensionsEnd,
  groups,
  groupsEnd,
  hasServerName,
  highestVersion,
  nextName,
  pointFormats,
  pointFormatsEnd,
  signatureAlgorithms,
  signatureAlgorithmsEnd,
  version
} from "./client-hello";
import {ALPN, SERVER_NAME} from "./hello-scan";

/** Characters of the fingerprints. */
export const JA4: usize = 36;
export const JA3: usize = 32;

const DIGEST: usize = memory.data(32, 16);

/**
 * Writes the JA4 client fingerprint (FoxIO JA4 technical details) of the hello last read:
 * `t13d1516h2_8daaf6152771_e5627efa2ab1`. `spare` has as many bytes as the hello's key, `texts` four times as many.
 */
export function writeJa4(to: usize, spare: usize, texts: usize): void {
  store<u8>(to++, carrier);
  to = appendText(versionCharacters(highestVersion), to);
  store<u8>(to++, hasServerName ? 0x64 : 0x69);
  to = appendCount((ciphersEnd - ciphers) >> 1, to);
  to = appendCount((extensionsEnd - extensions) >> 1, to);
  to = appendAlpnCharacters(to);
  store<u8>(to++, 0x5f);
  to = appendDigest(texts, appendSorted(ciphers, ciphersEnd, false, spare, texts), to);
  store<u8>(to++, 0x5f);
  let end = appendSorted(extensions, extensionsEnd, true, spare, texts);
  if (signatureAlgorithms < signatureAlgorithmsEnd) {
    store<u8>(end++, 0x5f);
    for (let at = signatureAlgorithms; at < signatureAlgorithmsEnd; at += 2) {
      if (at > signatureAlgorithms) store<u8>(end++, 0x2c);
      end = appendHexNumber(u16At(at), end);
    }
  }
  appendDigest(texts, end, to);
}

/**
 * Writes the JA3 client fingerprint (salesforce/ja3) of the hello last read: MD5 of `771,4865-4866,0-23,29-23,0`, which
 * is version, ciphers, extensions, groups, point formats, without GREASE.
 */
export function writeJa3(to: usize, texts: usize): void {
  let end = appendNumber(version, texts);
  end = appendNumbers(ciphers, ciphersEnd, end);
  end = appendNumbers(extensions, extensionsEnd, end);
  end = appendNumbers(groups, groupsEnd, end);
  store<u8>(end++, 0x2c);
  for (let at = pointFormats; at < pointFormatsEnd; at++) {
    if (at > pointFormats) store<u8>(end++, 0x2d);
    end = appendNumber(load<u8>(at), end);
  }
  md5Known(texts, end - texts, DIGEST);
  appendHex(DIGEST, DIGEST + 16, to);
}

function versionCharacters(version: u32): string {
  switch (version) {
    case 0x0304: return "13";
    case 0x0303: return "12";
    case 0x0302: return "11";
    case 0x0301: return "10";
    case 0x0300: return "s3";
    case 0x0002: return "s2";
    case 0xfeff: return "d1";
    case 0xfefd: return "d2";
    case 0xfefc: return "d3";
  }
  return "00";
}

function appendCount(count: usize, to: usize): usize {
  const shown = <u8>min<usize>(count, 99);
  store<u8>(to, 0x30 + shown / 10);
  store<u8>(to, 0x30 + (shown % 10), 1);
  return to + 2;
}

/**
 * First and last character of the first ALPN name: 9 for one outside ASCII, as both of FoxIO's implementations have it;
 * of the name's hexadecimal form where either is ASCII and not alphanumeric, as its specification has it.
 */
function appendAlpnCharacters(to: usize): usize {
  const next = nextName(alpn);
  if (next <= alpn + 1) return appendText("00", to);
  const first = load<u8>(alpn + 1);
  const last = load<u8>(next - 1);
  if (isShown(first) && isShown(last)) {
    store<u8>(to, first > 0x7f ? 0x39 : first);
    store<u8>(to, last > 0x7f ? 0x39 : last, 1);
    return to + 2;
  }
  store<u8>(to, hexDigit(first >> 4));
  store<u8>(to, hexDigit(last & 15), 1);
  return to + 2;
}

function isShown(byte: u8): bool {
  return byte > 0x7f || (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a);
}

/** Writes `,` and the 16-bit numbers in decimal, joined by hyphens; where they end. */
function appendNumbers(from: usize, end: usize, to: usize): usize {
  store<u8>(to++, 0x2c);
  for (let at = from; at < end; at += 2) {
    if (at > from) store<u8>(to++, 0x2d);
    to = appendNumber(u16At(at), to);
  }
  return to;
}

/** Writes the 16-bit numbers in hexadecimal and in order, joined by commas; where they end. */
function appendSorted(from: usize, end: usize, isCounted: bool, spare: usize, to: usize): usize {
  let last = spare;
  for (let at = from; at < end; at += 2) {
    const value = u16At(at);
    // SNI and ALPN are in the first part already.
    if (isCounted && (value === SERVER_NAME || value === ALPN)) continue;
    store<u16>(last, <u16>value);
    last += 2;
  }
  sort(spare, last);
  for (let at = spare; at < last; at += 2) {
    if (at > spare) store<u8>(to++, 0x2c);
    to = appendHexNumber(load<u16>(at), to);
  }
  return to;
}

/** Shell's sort with Knuth's gaps: a list may have 32,767 numbers, and nearly all have less than twenty. */
function sort(start: usize, end: usize): void {
  const count = (end - start) >> 1;
  let gap: usize = 1;
  while (gap < count / 3) gap = 3 * gap + 1;
  for (; gap > 0; gap /= 3) {
    const step = gap << 1;
    for (let at = start + step; at < end; at += 2) {
      const value = load<u16>(at);
      let to = at;
      for (; to >= start + step && load<u16>(to - step) > value; to -= step) store<u16>(to, load<u16>(to - step));
      store<u16>(to, value);
    }
  }
}

/** Writes the first twelve digits of the text's SHA-256, zeros where it is empty; where they end. */
function appendDigest(text: usize, end: usize, to: usize): usize {
  if (text === end) return appendText("000000000000", to);
  sha256Known(text, end - text, DIGEST);
  return appendHex(DIGEST, DIGEST + 6, to);
}
