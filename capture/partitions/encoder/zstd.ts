import zlib from "node:zlib";

/** Compresses bytes as one zstd frame, in memory of its own. */
export type Compress = (bytes: Uint8Array) => Uint8Array;

/** The content of a zstd frame, in memory of its own; it has `length` bytes. */
export type Decompress = (bytes: Uint8Array, length: number) => Uint8Array;

/** Level of zstd: 3 takes twice the time for one per cent. */
const level = 1;

/** What zlib has from Node 22.15 and 23.8 on, unknown to the types of Node 20. */
interface NodeZstd {
  readonly zstdCompressSync?: (
    bytes: Uint8Array,
    options: {readonly params: Readonly<Record<number, number>>; readonly chunkSize: number}
  ) => Uint8Array;
  readonly zstdDecompressSync?: (
    bytes: Uint8Array,
    options: {readonly maxOutputLength: number; readonly chunkSize: number}
  ) => Uint8Array;
  readonly constants: {readonly ZSTD_c_compressionLevel?: number};
}

let chosen: Promise<Compress> | null = null;

/** Node's own zstd where it has one; elsewhere the same library in WebAssembly, loaded when first asked for. */
export function compressor(): Promise<Compress> {
  return (chosen ??= choose());
}

async function choose(): Promise<Compress> {
  return nativeCompressor() ?? (await wasmCompressor());
}

/** Node's own zstd; null where it has none. */
export function nativeCompressor(): Compress | null {
  const {zstdCompressSync, constants} = zlib as NodeZstd;
  const parameter = constants.ZSTD_c_compressionLevel;
  if (!zstdCompressSync || parameter === undefined) return null;
  const params = {[parameter]: level};
  // With room for the longest frame at once zstd keeps no copy of its input; the room is not kept with the frame.
  return (bytes) => new Uint8Array(zstdCompressSync(bytes, {params, chunkSize: frameBound(bytes.length)}));
}

export async function wasmCompressor(): Promise<Compress> {
  const {compress} = await wasmZstd();
  return (bytes) => compress(bytes, level);
}

let wasm: Promise<typeof import("./zstd-wasm.ts")> | null = null;

/** Once a process: the module's memory would be lost under the calls under way. */
function wasmZstd(): Promise<typeof import("./zstd-wasm.ts")> {
  return (wasm ??= import("./zstd-wasm.ts").then(async (zstd) => {
    await zstd.init();
    return zstd;
  }));
}

let chosenBack: Promise<Decompress> | null = null;

/** The way back of {@link compressor}. */
export function decompressor(): Promise<Decompress> {
  return (chosenBack ??= chooseBack());
}

async function chooseBack(): Promise<Decompress> {
  return nativeDecompressor() ?? (await wasmDecompressor());
}

/** Node's own way back; null where it has none. */
export function nativeDecompressor(): Decompress | null {
  const {zstdDecompressSync} = zlib as NodeZstd;
  if (!zstdDecompressSync) return null;
  // What comes of several pieces may lie within memory that Node shares among buffers.
  return (bytes, length) =>
    new Uint8Array(zstdDecompressSync(bytes, {maxOutputLength: Math.max(1, length), chunkSize: Math.max(64, length)}));
}

export async function wasmDecompressor(): Promise<Decompress> {
  const {decompress} = await wasmZstd();
  return (bytes, length) => decompress(bytes, {defaultHeapSize: length});
}

/** The most bytes of a frame (ZSTD_COMPRESSBOUND in zstd.h). */
function frameBound(bytes: number): number {
  return bytes + (bytes >> 8) + (bytes < 128 << 10 ? ((128 << 10) - bytes) >> 11 : 0);
}
