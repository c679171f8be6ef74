import {createHash, type Hash} from "node:crypto";
import {closeSync, openSync, readSync} from "node:fs";
import {type ByteStream, fileBytes, peek, readableBytes} from "./bytes.ts";
import {type DecompressionCaps, defaultCaps, gunzip, unzstd} from "./decompress.ts";
import {isPcap, PcapSource, pcapHeader, pcapHeaderBytes} from "./pcap.ts";
import {isPcapng, PcapngSource, sectionIsLittleEndian} from "./pcapng.ts";
import {CaptureError, type PacketSource} from "./source.ts";

export interface OpenOptions extends Partial<DecompressionCaps> {
  /** Is given the uncompressed bytes of a compressed file as they are read. */
  readonly hash?: Hash;
}

/**
 * Opens a capture by what its bytes are, not by its name: pcap or pcapng, plain, gzip or zstd. `-` reads standard
 * input as it comes, which can be read once only: whoever also needs the file's hash stores it first. Throws a
 * CaptureError where it is none of these (empty and cut headers included), the file system's error where it cannot
 * be opened.
 */
export async function openSource(path: string, options: OpenOptions = {}): Promise<PacketSource> {
  const caps = {...defaultCaps, ...options};
  const {hash} = options;
  const stored = path === "-" ? readableBytes(process.stdin) : fileBytes(path);
  try {
    const outer = await peek(stored, pcapHeaderBytes);
    const compression = compressions.find(({begins}) => begins(outer.head));
    if (!compression) return begin(path, outer.head, outer.bytes, "");
    const plain = compression.decompress(outer.bytes, caps);
    const inner = await peek(hash ? hashed(plain, hash) : plain, pcapHeaderBytes);
    return begin(path, inner.head, inner.bytes, compression.suffix);
  } catch (error) {
    stored.close();
    if (error instanceof CaptureError || (error as NodeJS.ErrnoException).syscall) throw error;
    throw new CaptureError(path, 0, (error as Error).message, {cause: error});
  }
}

/** A file's bytes, uncompressed, and the ending that its compression is called by. Throws the file system's error. */
export async function openBytes(path: string): Promise<{readonly bytes: ByteStream; readonly suffix: string}> {
  const stored = fileBytes(path);
  try {
    const {head, bytes} = await peek(stored, pcapHeaderBytes);
    const compression = compressions.find(({begins}) => begins(head));
    return {bytes: compression?.decompress(bytes, defaultCaps) ?? bytes, suffix: compression?.suffix ?? ""};
  } catch (error) {
    stored.close();
    throw error;
  }
}

/** Whether a file begins as a capture, compressed or not. Throws the file system's error. */
export async function beginsAsCapture(path: string): Promise<boolean> {
  const stored = fileBytes(path);
  try {
    const {head, bytes} = await peek(stored, pcapHeaderBytes);
    const compression = compressions.find(({begins}) => begins(head));
    const plain = compression ? (await peek(compression.decompress(bytes, defaultCaps), pcapHeaderBytes)).head : head;
    return isPcap(plain) || isPcapng(plain);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall) throw error;
    return false;
  } finally {
    stored.close();
  }
}

/** True where the file's first bytes are those of a compressed one. Throws the file system's error. */
export function isCompressed(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const head = new Uint8Array(4);
    readSync(file, head, 0, head.length, 0);
    return compressions.some(({begins}) => begins(head));
  } finally {
    closeSync(file);
  }
}

/** SHA-256 (hex) of what a compressed file holds; null where it does not decompress to its end. */
export async function contentHash(path: string): Promise<string | null> {
  const stored = fileBytes(path);
  const block = new Uint8Array(1 << 18);
  const hash = createHash("sha256");
  try {
    const {head, bytes} = await peek(stored, pcapHeaderBytes);
    const plain = compressions.find(({begins}) => begins(head))?.decompress(bytes, defaultCaps) ?? bytes;
    for (let n = await plain.read(block, 0, block.length); n > 0; n = await plain.read(block, 0, block.length))
      hash.update(block.subarray(0, n));
    return hash.digest("hex");
  } catch {
    return null;
  } finally {
    stored.close();
  }
}

function hashed(bytes: ByteStream, hash: Hash): ByteStream {
  return {
    async read(buffer, at, length) {
      const n = await bytes.read(buffer, at, length);
      if (n > 0) hash.update(buffer.subarray(at, at + n));
      return n;
    },
    close: () => bytes.close()
  };
}

/**
 * The packets of a stream that begins with `head`, which is read again with it; null where it is no uncompressed capture.
 * Throws where it is of a version that is not read.
 */
export function sourceOfStream(path: string, head: Uint8Array, bytes: ByteStream): PacketSource | null {
  return isPcap(head) || isPcapng(head) ? begin(path, head, bytes, "") : null;
}

interface Compression {
  readonly suffix: string;
  begins(head: Uint8Array): boolean;
  decompress(bytes: ByteStream, caps: DecompressionCaps): ByteStream;
}

const compressions: readonly Compression[] = [
  {suffix: ".gz", begins: ([a, b]) => a === 0x1f && b === 0x8b, decompress: gunzip},
  {
    suffix: ".zst",
    // A frame, or a skippable frame (RFC 8878 §3.1.2) before it.
    begins: ([a, b, c, d]) =>
      (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) ||
      ((a & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18),
    decompress: unzstd
  }
];

function begin(path: string, head: Uint8Array, bytes: ByteStream, suffix: string): PacketSource {
  const compressed = suffix !== "";
  if (isPcap(head)) return new PcapSource(path, bytes, pcapHeader(head), `pcap${suffix}`, compressed);
  if (isPcapng(head)) {
    sectionIsLittleEndian(head);
    return new PcapngSource(path, bytes, `pcapng${suffix}`, compressed);
  }
  const found =
    head.length === 0 ? "no byte" : [...head.subarray(0, 8)].map((b) => b.toString(16).padStart(2, "0")).join(" ");
  throw new CaptureError(
    path,
    0,
    `expected a pcap or pcapng file, plain or compressed by gzip or zstd, found ${compressed ? `${found} after decompression` : found}`
  );
}
