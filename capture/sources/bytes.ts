import {closeSync, openSync, readSync} from "node:fs";
import type {Readable} from "node:stream";

/** Bytes in order, read into the caller's buffer. */
export interface ByteStream {
  /**
   * Bytes put at `buffer[at ..]`, 1 to `length` of them; 0 at the end, -1 where a live stream has none for now. Throws
   * where the medium or its compression fails.
   */
  read(buffer: Uint8Array, at: number, length: number): number | Promise<number>;
  close(): void;
}

/** A file's bytes, read at once into the buffer without a copy in between. Throws the file system's error. */
export function fileBytes(path: string): ByteStream {
  const file = openSync(path, "r");
  let open = true;
  return {
    read: (buffer, at, length) => readSync(file, buffer, at, length, null),
    close() {
      if (open) closeSync(file);
      open = false;
    }
  };
}

/** The bytes of a Node stream, as they come: a live pipe is never waited for longer than until its next bytes. */
export function readableBytes(stream: Readable): ByteStream {
  const chunks: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  return {
    async read(buffer, at, length) {
      while (rest.length === 0) {
        const {done, value} = await chunks.next();
        if (done) return 0;
        rest = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      }
      const n = Math.min(length, rest.length);
      buffer.set(rest.subarray(0, n), at);
      rest = rest.subarray(n);
      return n;
    },
    close: () => void stream.destroy()
  };
}

/** First bytes of a stream (fewer only where it ends earlier), and the stream as if they had not been read. */
export async function peek(bytes: ByteStream, length: number): Promise<{head: Uint8Array; bytes: ByteStream}> {
  const buffer = new Uint8Array(length);
  let got = 0;
  while (got < length) {
    const n = await bytes.read(buffer, got, length - got);
    if (n === 0) break;
    got += n;
  }
  const head = buffer.subarray(0, got);
  let given = 0;
  return {
    head,
    bytes: {
      read(into, at, wanted) {
        if (given === got) return bytes.read(into, at, wanted);
        const n = Math.min(wanted, got - given);
        into.set(head.subarray(given, given + n), at);
        given += n;
        return n;
      },
      close: () => bytes.close()
    }
  };
}
