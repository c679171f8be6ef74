import {hashOf, isSame} from "../text";
import {md5} from "./md5";
import {sha1} from "./sha1";
import {sha256} from "./sha256";

/**
 * Digests of what came lately are remembered with it: the same servers show the same certificates, the same programs say
 * the same hello, and comparing is much cheaper than hashing.
 */
@unmanaged
class Known {
  /** Of the content behind it; 0 where nothing is remembered. */
  length: u32 = 0;
  /** Which digests, by their bytes. */
  digestBytes: u32 = 0;
  first: u64 = 0;
  second: u64 = 0;
  third: u64 = 0;
  fourth: u64 = 0;
  fifth: u64 = 0;
  sixth: u64 = 0;
  seventh: u64 = 0;
}

/** Places for short contents, such as what hellos offer, and for long ones, such as certificates. */
const PLACES: u32 = 4096;
const SHORT: u32 = 512;
const LONG: u32 = 2048;
const shortPlaces: usize = memory.data(2097152, 64);
const longPlaces: usize = memory.data(8388608, 64);

const MD5: u32 = 16;
const SHA256: u32 = 32;
const SHA1_AND_SHA256: u32 = 52;

/** As `md5`. */
export function md5Known(bytes: usize, length: usize, out: usize): void {
  digest(bytes, length, MD5, out);
}

/** As `sha256`. */
export function sha256Known(bytes: usize, length: usize, out: usize): void {
  digest(bytes, length, SHA256, out);
}

/** As `sha1`, 20 bytes, and `sha256` behind it. */
export function bothKnown(bytes: usize, length: usize, out: usize): void {
  digest(bytes, length, SHA1_AND_SHA256, out);
}

function digest(bytes: usize, length: usize, digestBytes: u32, out: usize): void {
  const isShort = length + offsetof<Known>() <= SHORT;
  if (length === 0 || length + offsetof<Known>() > LONG) return compute(bytes, length, digestBytes, out);
  const place = <usize>((hashOf(bytes, length) + digestBytes) & (PLACES - 1));
  const known = changetype<Known>(isShort ? shortPlaces + place * SHORT : longPlaces + place * LONG);
  const digests = changetype<usize>(known) + offsetof<Known>("first");
  const content = changetype<usize>(known) + offsetof<Known>();
  if (known.length !== <u32>length || known.digestBytes !== digestBytes || !isSame(content, bytes, length)) {
    compute(bytes, length, digestBytes, digests);
    known.length = <u32>length;
    known.digestBytes = digestBytes;
    memory.copy(content, bytes, length);
  }
  memory.copy(out, digests, digestBytes);
}

function compute(bytes: usize, length: usize, digestBytes: u32, out: usize): void {
  if (digestBytes === MD5) return md5(bytes, length, out);
  if (digestBytes === SHA256) return sha256(bytes, length, out);
  sha1(bytes, length, out);
  sha256(bytes, length, out + 20);
}
