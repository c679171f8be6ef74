import {reserve, reserveReadings} from "../../../../capture/core/meter/memory";
import {ADDRESS_BYTES, addresses, Mark, marks, numbers, OUTPUT_ROWS, reserveOutput} from "../../../../capture/core/meter/output";
import * as dictionaries from "../../../../capture/core/dissect/dictionary";
import {openHeap} from "../../../../capture/core/dissect/heap";
import {lookUpNames} from "../../../../capture/core/dissect/names";
import {readKey} from "../../../../capture/core/dissect/parsers/tls/client-hello";
import * as dnsName from "../../../../capture/core/dissect/parsers/dns/dns-name";
import {writeJa3, writeJa4} from "../../../../capture/core/dissect/parsers/tls/fingerprints";
import {keyLength, scan} from "../../../../capture/core/dissect/parsers/tls/hello-scan";
import * as quicKeys from "../../../../capture/core/dissect/crypto/quic-keys";
import {readValue, timeRead} from "../../../../capture/core/dissect/parsers/tls/der";
import * as text from "../../../../capture/core/dissect/text";

/** Parts of the dissectors' core, each on its own, for tests. Bytes go in and out by their addresses. */

export {encryptBlock, expandKey} from "../../../../capture/core/dissect/crypto/aes128";
export {openGcm} from "../../../../capture/core/dissect/crypto/gcm";
export {bothKnown, md5Known, sha256Known} from "../../../../capture/core/dissect/crypto/known";
export {md5} from "../../../../capture/core/dissect/crypto/md5";
export {sha1} from "../../../../capture/core/dissect/crypto/sha1";
export {hmac, hmacKey, sha256} from "../../../../capture/core/dissect/crypto/sha256";
export {allocate, openHeap, release} from "../../../../capture/core/dissect/heap";
export {forgottenNames, noteName, openNames} from "../../../../capture/core/dissect/names";
export {appendName} from "../../../../capture/core/dissect/parsers/dns/dns-name";

let codes: usize = 0;

/** Reserves all memory, once: last so many bytes for the tests' own, where they begin. */
export function open(bytes: usize): usize {
  reserveReadings(1);
  reserveOutput();
  codes = reserve(OUTPUT_ROWS * 4);
  openHeap();
  return reserve(bytes);
}

/** Writes the client's keys of that version; false where it is not known. */
export function initialKeys(version: u32, connectionId: usize, length: usize, keys: usize): bool {
  const known = quicKeys.quicVersion(version);
  if (known === 0) return false;
  quicKeys.initialKeys(known, connectionId, length, keys);
  return true;
}

/** Where the name last read ends. */
export function nameEnd(): usize {
  return dnsName.nameEnd;
}

/** Writes a ClientHello's JA4, its JA3 and what that is the MD5 of; false where its lengths contradict each other. */
export function writeFingerprints(start: usize, end: usize, carrier: u8, key: usize, work: usize, ja4: usize, ja3: usize, texts: usize): bool {
  const room = end - start;
  if (!scan(start, end, carrier, key, room)) return false;
  readKey(key, keyLength, work);
  writeJa4(ja4, work + room, texts);
  memory.fill(texts, 0, room << 2);
  writeJa3(ja3, texts);
  return true;
}

export function clean(start: usize, end: usize, limit: u32): void {
  text.clean(start, end, limit);
}

export function cleanAt(): usize {
  return text.cleanAt;
}

export function cleanLength(): u32 {
  return text.cleanLength;
}

/** The one dictionary: of the texts of `intern`, or of the names last looked up. */
const dictionary = changetype<dictionaries.Dictionary>(memory.data(<i32>offsetof<dictionaries.Dictionary>(), 8));

export function openDictionary(): void {
  dictionaries.openDictionary(dictionary);
}

export function clearDictionary(): void {
  dictionaries.clearDictionary(dictionary);
}

export function intern(at: usize, length: u32): i32 {
  return dictionaries.intern(dictionary, at, length);
}

export function dictionaryCount(): i32 {
  return dictionary.count;
}

export function dictionaryAt(): usize {
  return dictionary.bytes;
}

export function dictionaryBytes(): u32 {
  return dictionary.used;
}

/** Puts a finished flow into the meter's output, as far as names are looked up by it. `ts`: of its first packet. */
export function putFlow(row: usize, version: u8, originator: usize, responder: usize, ts: f64): void {
  changetype<Mark>(marks + row * offsetof<Mark>()).version = version;
  memory.copy(addresses + row * ADDRESS_BYTES, originator, 16);
  memory.copy(addresses + row * ADDRESS_BYTES + 16, responder, 16);
  store<f64>(numbers + (row << 3), ts);
}

/** Looks up the names of the first rows; where their codes are. */
export function lookUp(rows: i32): usize {
  dictionaries.clearDictionary(dictionary);
  lookUpNames(rows, codes, dictionary);
  return codes;
}

/** Time of the value in DER, µs since 1970; NaN where it is none. */
export function timeOf(start: usize, end: usize): f64 {
  return readValue(start, end) === 0 ? NaN : timeRead();
}
