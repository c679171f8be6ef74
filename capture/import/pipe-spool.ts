import {createHash} from "node:crypto";
import {closeSync, openSync, readSync, writeSync} from "node:fs";
import type {ByteStream} from "../sources/bytes.ts";
import type {PipeBytes} from "../sources/pipe.ts";

/** Bytes taken at a time. */
const blockBytes = 1 << 18;
/** After the signal, what is on its way is taken for this long at most, in ms. */
const drainMs = 2000;

export interface Spooled {
  /** First bytes of the pipe, at most 64. */
  readonly head: Uint8Array;
  readonly bytes: number;
  /** The pipe has ended, or was given up after the signal: there is nothing after the file. */
  readonly isWhole: boolean;
}

export interface SpoolOptions {
  /** Stop when the pipe has gone on for this long, in ms; never without it. */
  readonly forMs?: number;
  readonly clock: () => number;
  readonly signal?: AbortSignal;
}

/** A pipe on its way to a file, whose bytes are hashed as they pass. */
export class PipeSpool {
  readonly path: string;
  readonly #pipe: PipeBytes;
  readonly #hash = createHash("sha256");
  #head: Uint8Array = new Uint8Array(0);
  #bytes = 0;

  constructor(pipe: PipeBytes, path: string) {
    this.path = path;
    this.#pipe = pipe;
  }

  /** Writes what comes to the file, after what it has. Throws the pipe's error or the file system's. */
  async take({forMs = Number.POSITIVE_INFINITY, clock, signal}: SpoolOptions): Promise<Spooled> {
    const until = clock() + forMs;
    const block = Buffer.allocUnsafe(blockBytes);
    const file = openSync(this.path, "a", 0o600);
    const drain = new Drain(clock, signal);
    let isWhole = false;
    try {
      while (!isWhole && clock() < until) {
        const n = await this.#pipe.read(block, 0, block.length);
        if (n > 0) {
          const bytes = block.subarray(0, n);
          for (let at = 0; at < n; ) at += writeSync(file, bytes, at, n - at);
          this.#note(bytes);
        }
        isWhole = n === 0 || drain.isOver(n < 0);
      }
    } finally {
      closeSync(file);
    }
    return {head: this.#head, bytes: this.#bytes, isWhole};
  }

  /** What was spooled, then the rest of the pipe as it comes. */
  stream(): ByteStream {
    const file = openSync(this.path, "r");
    let isOpen = true;
    const close = () => {
      if (isOpen) closeSync(file);
      isOpen = false;
    };
    return {
      read: async (buffer, at, length) => {
        const n = isOpen ? readSync(file, buffer, at, length, null) : 0;
        if (n > 0) return n;
        close();
        const more = await this.#pipe.read(buffer, at, length);
        if (more > 0) this.#note(buffer.subarray(at, at + more));
        return more;
      },
      close: () => {
        close();
        this.#pipe.close();
      }
    };
  }

  /** Bytes of the pipe so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** SHA-256 of all bytes that passed. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  #note(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    if (this.#head.length < 64) this.#head = Buffer.concat([this.#head, bytes.subarray(0, 64 - this.#head.length)]);
  }
}

/** Says when a pipe is given up after its signal: once nothing came for a while, or after `drainMs`. */
export class Drain {
  readonly #clock: () => number;
  readonly #signal: AbortSignal | undefined;
  #askedMs: number | null = null;

  constructor(clock: () => number, signal?: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  isOver(isQuiet: boolean): boolean {
    if (!this.#signal?.aborted) return false;
    this.#askedMs ??= this.#clock();
    return isQuiet || this.#clock() - this.#askedMs >= drainMs;
  }
}
