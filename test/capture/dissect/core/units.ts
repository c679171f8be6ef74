import {readFile} from "node:fs/promises";
import {join, resolve} from "node:path";
import {textsOf} from "../../../../capture/partitions/texts-of.ts";
import {cachedWasm} from "../../../../capture/wasm.ts";

/** What `index.ts` exports. Addresses are offsets in its memory. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  open(bytes: number): number;
  sha256(bytes: number, length: number, out: number): void;
  md5(bytes: number, length: number, out: number): void;
  sha1(bytes: number, length: number, out: number): void;
  md5Known(bytes: number, length: number, out: number): void;
  sha256Known(bytes: number, length: number, out: number): void;
  bothKnown(bytes: number, length: number, out: number): void;
  hmacKey(key: number, length: number, prepared: number): void;
  hmac(prepared: number, message: number, length: number, out: number): void;
  expandKey(key: number, schedule: number): void;
  encryptBlock(schedule: number, block: number, out: number): void;
  openGcm(
    schedule: number,
    nonce: number,
    aad: number,
    aadLength: number,
    body: number,
    bodyLength: number,
    tag: number,
    out: number
  ): number;
  initialKeys(version: number, connectionId: number, length: number, keys: number): number;
  appendName(start: number, end: number, at: number, to: number): number;
  nameEnd(): number;
  writeFingerprints(
    start: number,
    end: number,
    carrier: number,
    key: number,
    work: number,
    ja4: number,
    ja3: number,
    texts: number
  ): number;
  timeOf(start: number, end: number): number;
  clean(start: number, end: number, limit: number): void;
  cleanAt(): number;
  cleanLength(): number;
  openHeap(): void;
  allocate(bytes: number): number;
  release(address: number, bytes: number): void;
  openDictionary(): void;
  clearDictionary(): void;
  intern(at: number, length: number): number;
  dictionaryCount(): number;
  dictionaryAt(): number;
  dictionaryBytes(): number;
  openNames(most: number): void;
  forgottenNames(): number;
  noteName(
    client: number,
    version: number,
    address: number,
    addressVersion: number,
    at: number,
    length: number,
    ts: number,
    ttlSeconds: number
  ): void;
  putFlow(row: number, version: number, originator: number, responder: number, ts: number): void;
  lookUp(rows: number): number;
}

const ownBytes = 4 << 20;
const capture = resolve(import.meta.dirname, "../../../../capture");
const parts = [join(capture, "core")];

/** Parts of the dissectors' core, and memory of the tests' own to hand them bytes in. */
export class Units {
  readonly core: Exports;
  readonly bytes: Uint8Array;
  /** Room for what the core writes, from the beginning of the tests' memory on. */
  readonly out: number;
  #put: number;

  constructor(module: WebAssembly.Module) {
    const abort = (): never => {
      throw new Error("the core ran out of memory");
    };
    this.core = new WebAssembly.Instance(module, {env: {abort}}).exports as unknown as Exports;
    this.out = this.core.open(ownBytes);
    this.bytes = new Uint8Array(this.core.memory.buffer);
    this.#put = this.bytes.length;
  }

  /** Forgets what was put. */
  begin(): this {
    this.#put = this.bytes.length;
    return this;
  }

  /** Address of a copy. The first one ends where the memory does: to read on behind it is an error. */
  put(bytes: Uint8Array): number {
    this.#put -= bytes.length;
    if (this.#put < this.out + ownBytes / 2) throw new RangeError("the tests' memory is full");
    this.bytes.set(bytes, this.#put);
    return this.#put;
  }

  /** A copy of so many bytes. */
  get(at: number, length: number): Buffer {
    return Buffer.from(this.bytes.subarray(at, at + length));
  }

  /** The core's dictionary. */
  texts(): readonly string[] {
    const {core} = this;
    return textsOf({
      codes: new Int32Array(0),
      texts: this.get(core.dictionaryAt(), core.dictionaryBytes()),
      distinct: core.dictionaryCount()
    });
  }
}

/** A fresh instance. */
export async function openUnits(): Promise<Units> {
  const path = await cachedWasm("dissect-units", {core: import.meta.dirname, parts});
  return new Units(await WebAssembly.compile(await readFile(path)));
}
