import type {Readable} from "node:stream";
import type {ByteStream} from "./bytes.ts";
import {isPcap, PcapSource, pcapHeader, pcapHeaderBytes} from "./pcap.ts";
import {CaptureError} from "./source.ts";

export interface PipeOptions {
  /** A read waits at most this long for the next bytes, in ms. */
  readonly patienceMs: number;
  /** Bytes that wait to be read at most; beyond, the stream is paused and its writer has to wait. */
  readonly queueBytes: number;
}

const defaults: PipeOptions = {patienceMs: 100, queueBytes: 64 * 2 ** 20};

/**
 * The output of a running program, read as it comes. Nothing is lost here: while the queue is full the program cannot
 * write, and what it cannot take from the kernel meanwhile is counted there.
 */
export class PipeBytes implements ByteStream {
  /** Bytes that came. */
  receivedBytes = 0;
  /** Times the queue was full. */
  stalls = 0;

  readonly #stream: Readable;
  readonly #options: PipeOptions;
  #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #ended = false;
  #failure: Error | null = null;
  #wake: (() => void) | null = null;

  constructor(stream: Readable, options: Partial<PipeOptions> = {}) {
    this.#stream = stream;
    this.#options = {...defaults, ...options};
    stream.on("data", (chunk: Buffer) => {
      this.receivedBytes += chunk.length;
      this.#waitingBytes += chunk.length;
      this.#chunks.push(chunk);
      if (this.#waitingBytes >= this.#options.queueBytes) {
        this.stalls++;
        stream.pause();
      }
      this.#wake?.();
    });
    const end = () => {
      this.#ended = true;
      this.#wake?.();
    };
    stream.on("end", end);
    stream.on("close", end);
    stream.on("error", (error) => {
      this.#failure = error;
      end();
    });
  }

  /** Bytes that came and were not read yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  async read(buffer: Uint8Array, at: number, length: number): Promise<number> {
    if (this.#chunks.length === 0 && !this.#ended) await this.#bytes();
    if (this.#chunks.length === 0) {
      if (this.#failure) throw this.#failure;
      return this.#ended ? 0 : -1;
    }
    let given = 0;
    while (given < length && this.#chunks.length > 0) {
      const chunk = this.#chunks[0];
      const n = Math.min(length - given, chunk.length);
      buffer.set(chunk.subarray(0, n), at + given);
      given += n;
      if (n === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(n);
    }
    this.#waitingBytes -= given;
    if (this.#stream.isPaused() && this.#waitingBytes < this.#options.queueBytes / 2) this.#stream.resume();
    return given;
  }

  /** Puts bytes back in front of those not read yet. */
  unread(bytes: Uint8Array): void {
    this.#chunks.unshift(bytes);
    this.#waitingBytes += bytes.length;
  }

  close(): void {
    this.#chunks = [];
    this.#waitingBytes = 0;
    this.#stream.destroy();
  }

  #bytes(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
      // What came while this process was held up is taken in before patience is over.
      const timer = setTimeout(() => setImmediate(done), this.#options.patienceMs);
      this.#wake = done;
    });
  }
}

/** A pcap stream from a pipe: its packets, and the header it began with. */
export interface PipeSource {
  readonly source: PcapSource;
  readonly header: Uint8Array;
}

/**
 * Waits for the header of the pcap stream; `name` is what messages call the stream. Null where the stream ends before
 * it. Throws a CaptureError where the stream is none.
 */
export async function openPipe(name: string, bytes: PipeBytes): Promise<PipeSource | null> {
  const header = new Uint8Array(pcapHeaderBytes);
  for (let got = 0; got < pcapHeaderBytes; ) {
    const n = await bytes.read(header, got, pcapHeaderBytes - got);
    if (n === 0) return null;
    if (n > 0) got += n;
  }
  if (!isPcap(header)) throw new CaptureError(name, 0, "expected a pcap stream");
  const parsed = pcapHeader(header);
  bytes.unread(header);
  return {source: new PcapSource(name, bytes, parsed, "pcap", false), header};
}
