import {createGunzip} from "node:zlib";
import {Decompress} from "fzstd";
import type {ByteStream} from "./bytes.ts";

/** Limits against decompression bombs. */
export interface DecompressionCaps {
  /** Uncompressed bytes at most. */
  readonly maxBytes: number;
  /** Uncompressed over compressed bytes at most, looked at beyond the first 64 MiB. */
  readonly maxRatio: number;
}

/**
 * 1 TiB, and 2,000 to 1: 50,000 equal packets of 1,400 zeros come to 204 by gzip, which cannot pass 1,032, and to 921
 * by zstd, which can pass 30,000.
 */
export const defaultCaps: DecompressionCaps = {maxBytes: 2 ** 40, maxRatio: 2000};

const ratioGraceBytes = 2 ** 26;

/** Largest zstd window that is allocated; what the zstd tool takes without `--long`. */
const maxWindowLog = 27;

/** Turns compressed chunks into plain ones, which it hands to the callback it was made with. */
interface Decoder {
  /** Compressed bytes to pass at a time, so that what they may swell to stays bounded. */
  readonly slice: number;
  write(chunk: Uint8Array): Promise<void> | void;
  /** Throws where the compressed stream is not whole. */
  end(): Promise<void> | void;
}

/** The gzip members in `bytes`, decompressed. */
export function gunzip(bytes: ByteStream, caps: DecompressionCaps = defaultCaps): ByteStream {
  return decompress("gzip", bytes, caps, gunzipDecoder);
}

/**
 * The zstd frames in `bytes`, decompressed by fzstd, which checks no content checksums. Node's own decoder (from
 * 22.15) is a third faster but ends at the first frame and says nothing of a stream cut short.
 */
export function unzstd(bytes: ByteStream, caps: DecompressionCaps = defaultCaps): ByteStream {
  return decompress("zstd", bytes, caps, fzstdDecoder);
}

function decompress(
  name: string,
  bytes: ByteStream,
  caps: DecompressionCaps,
  makeDecoder: (take: (chunk: Uint8Array) => void) => Decoder
): ByteStream {
  const queue: Uint8Array[] = [];
  let inputBytes = 0;
  let outputBytes = 0;
  let ended = false;
  let fault: Error | null = null;

  const decoder = makeDecoder((chunk) => {
    if (chunk.length === 0 || fault) return;
    outputBytes += chunk.length;
    if (outputBytes > caps.maxBytes)
      fault = new Error(`${name}: more than ${caps.maxBytes.toLocaleString("en")} bytes uncompressed`);
    else if (outputBytes > ratioGraceBytes && outputBytes > caps.maxRatio * inputBytes)
      fault = new Error(`${name}: swells to more than ${caps.maxRatio} times its compressed bytes`);
    else queue.push(chunk);
  });

  const compressed = new Uint8Array(decoder.slice);

  async function advance(): Promise<void> {
    try {
      const n = await bytes.read(compressed, 0, compressed.length);
      inputBytes += n;
      if (n > 0) await decoder.write(compressed.subarray(0, n));
      else {
        ended = true;
        await decoder.end();
      }
    } catch (error) {
      fault ??= new Error(
        `${name}: ${(error as Error).message} after ${inputBytes.toLocaleString("en")} compressed bytes`,
        {cause: error}
      );
    }
  }

  return {
    async read(buffer, at, length) {
      while (queue.length === 0) {
        if (fault) throw fault;
        if (ended) return 0;
        await advance();
      }
      let given = 0;
      while (given < length && queue.length > 0) {
        const n = Math.min(length - given, queue[0].length);
        buffer.set(queue[0].subarray(0, n), at + given);
        given += n;
        if (n === queue[0].length) queue.shift();
        else queue[0] = queue[0].subarray(n);
      }
      return given;
    },
    close() {
      queue.length = 0;
      bytes.close();
    }
  };
}

/**
 * A zlib stream fed one chunk at a time and listened to at once: an iterator would lose what was decoded before an
 * error, since destroying a stream drops what it buffers.
 */
function gunzipDecoder(take: (chunk: Uint8Array) => void): Decoder {
  const stream = createGunzip({chunkSize: 1 << 18});
  let failed: Error | null = null;
  let wake = () => {};
  stream.on("data", take);
  stream.on("error", (error) => {
    failed = error;
    wake();
  });
  stream.on("end", () => wake());
  const step = (start: (done: () => void) => void) =>
    new Promise<void>((resolve, reject) => {
      wake = () => (failed ? reject(failed) : resolve());
      if (failed) wake();
      else start(wake);
    });
  return {
    slice: 1 << 15,
    write: (chunk) => step((done) => stream.write(chunk.slice(), () => done())),
    end: () => step(() => stream.end())
  };
}

/** A block of three bytes may stand for 128 KiB, so fzstd gets little at a time. */
function fzstdDecoder(take: (chunk: Uint8Array) => void): Decoder {
  const stream = new Decompress(take);
  let first = true;
  return {
    slice: 1 << 11,
    write(chunk) {
      if (first) checkWindow(chunk);
      first = false;
      stream.push(chunk.slice());
    },
    end: () => stream.push(new Uint8Array(0), true)
  };
}

/** RFC 8878 §3.1.1.1.2: refuses a first frame whose window would take gigabytes. */
function checkWindow(frame: Uint8Array): void {
  const isFrame = frame.length > 5 && frame[0] === 0x28 && frame[1] === 0xb5;
  if (isFrame && (frame[4] & 0x20) === 0 && (frame[5] >> 3) + 10 > maxWindowLog)
    throw new Error(`window of 2^${(frame[5] >> 3) + 10} bytes exceeds 2^${maxWindowLog}`);
}
