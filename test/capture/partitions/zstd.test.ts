import {randomFillSync} from "node:crypto";
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import zlib from "node:zlib";
import {decompress} from "fzstd";
import {afterAll, afterEach, beforeAll, describe, expect, it, vi} from "vitest";
import {ColumnEncoder} from "../../../capture/partitions/encoder/encoder.ts";
import {ParquetFile} from "../../../capture/partitions/encoder/parquet-file.ts";
import {
  nativeCompressor,
  nativeDecompressor,
  wasmCompressor,
  wasmDecompressor
} from "../../../capture/partitions/encoder/zstd.ts";
import type {Column} from "../../../schema/column.ts";
import {randomFrom} from "./random-batches.ts";
import {read} from "./read.ts";

const seed = Number(process.env.SEED ?? 20261121);
const native = nativeCompressor();
const compressors = new Map([["WebAssembly", await wasmCompressor()], ...(native ? [["Node", native] as const] : [])]);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-zstd-"));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const columnOf = (name: string, type: Column["type"]): Column => ({name, type, nullable: true, doc: ""});

describe("the compressor", () => {
  afterEach(() => {
    vi.doUnmock("node:zlib");
    vi.doUnmock("@bokuweb/zstd-wasm");
    vi.resetModules();
  });

  it("is Node's own where it has one", () => {
    expect(native !== null).toBe("zstdCompressSync" in zlib);
  });

  for (const hasOwn of [true, false])
    it(`${hasOwn ? "leaves WebAssembly alone" : "loads WebAssembly once"} where Node ${hasOwn ? "has" : "lacks"} zstd`, async () => {
      const init = vi.fn(async () => {});
      const zstdCompressSync = vi.fn(() => Buffer.from("node"));
      vi.doMock("node:zlib", () => ({
        default: hasOwn ? {zstdCompressSync, constants: {ZSTD_c_compressionLevel: 100}} : {constants: {}}
      }));
      vi.doMock("@bokuweb/zstd-wasm", () => ({init, compress: () => Buffer.from("wasm")}));
      const {compressor} = await import("../../../capture/partitions/encoder/zstd.ts");
      const [compress, again] = await Promise.all([compressor(), compressor()]);
      expect(again).toBe(compress);
      expect(Buffer.from(compress(new Uint8Array(1000))).toString()).toBe(hasOwn ? "node" : "wasm");
      expect(init).toHaveBeenCalledTimes(hasOwn ? 0 : 1);
      // Room for the longest frame: 1000 + 1000 / 256 + (131072 - 1000) / 2048.
      const options = {params: {100: 1}, chunkSize: 1066};
      expect(zstdCompressSync.mock.calls).toEqual(hasOwn ? [[new Uint8Array(1000), options]] : []);
    });
});

const nativeBack = nativeDecompressor();
for (const [name, back] of [
  ["WebAssembly", await wasmDecompressor()] as const,
  ...(nativeBack ? [["Node", nativeBack] as const] : [])
])
  it(`what ${name} unpacks is in memory of its own`, () => {
    for (const [compressor, compress] of compressors)
      for (const bytes of [1, 64, 5000, 16_384, 65_537, 1_000_003]) {
        const input = Uint8Array.from({length: bytes}, (_, i) => (i * i) >> 7);
        const found = back(compress(input), bytes);
        expect([compressor, bytes, found.byteOffset, found.buffer.byteLength]).toEqual([compressor, bytes, 0, bytes]);
        expect(Buffer.compare(found, input)).toBe(0);
      }
  });

for (const [name, compress] of compressors)
  describe(`zstd by ${name}`, () => {
    it("makes frames of any length in memory of their own, from the middle of other memory", () => {
      for (const bytes of [1, 63, 64, 16_384, 65_536, 65_537, 131_071, 131_072, 1_000_003])
        for (const kind of ["zeros", "text", "random"] as const) {
          const around = Buffer.alloc(bytes + 8, kind === "text" ? "flow " : 0);
          if (kind === "random") randomFillSync(around);
          const input = new Uint8Array(around.buffer, around.byteOffset + 3, bytes);
          const frame = compress(input);
          const whole = {kind, bytes, frame: Buffer.from(frame)};
          expect(frame.byteLength).toBe(frame.buffer.byteLength);
          expect(Buffer.compare(decompress(frame, new Uint8Array(bytes)), input)).toBe(0);
          if (kind !== "random" && bytes >= 64) expect(frame.length).toBeLessThan(bytes);
          around.fill(0xff);
          expect(Buffer.from(frame).equals(whole.frame)).toBe(true);
        }
    });

    it("stores random values as they are, whole numbers by their differences, and compresses others; DuckDB reads them back", async () => {
      const rows = 122_880;
      const random = randomFrom(seed);
      const ids = BigInt64Array.from({length: rows}, () =>
        BigInt.asIntN(64, (BigInt(Math.floor(random() * 2 ** 32)) << 32n) | BigInt(Math.floor(random() * 2 ** 32)))
      );
      const rising = Float64Array.from({length: rows}, (_, i) => i * 3);
      const wide = (bits: number) => Float64Array.from({length: rows}, () => Math.floor((random() - 0.5) * 2 ** bits));
      const columns = {
        ids,
        rising,
        holed: rising.map((value) => (random() < 0.5 ? Number.NaN : value)),
        near: wide(36),
        far: wide(52),
        leaping: ids.map((id, i) => (i % 1000 === 0 ? id : BigInt(i)))
      };
      const path = join(folder, `${name}.parquet`);
      const file = await ParquetFile.create(
        path,
        Object.keys(columns).map((column) => columnOf(column, "BIGINT")),
        compress
      );
      const encoder = await ColumnEncoder.load();
      encoder.prepare(rows, rows * 8, 0, 0);
      for (const values of Object.values(columns)) {
        const {memory, at} = encoder.input;
        new Uint8Array(memory, at, rows * 8).set(new Uint8Array(values.buffer));
        encoder.numbers(values instanceof BigInt64Array ? "i64 INT64" : "f64 INT64", {from: 0, count: rows});
        file.column(encoder, rows);
      }
      file.endRowGroup(rows);
      file.end({});
      const stored = await read(
        `SELECT path_in_schema, compression, encodings, round(total_compressed_size / total_uncompressed_size, 1), total_uncompressed_size // 1000 FROM parquet_metadata('${path}')`
      );
      expect(stored).toEqual([
        ["ids", "UNCOMPRESSED", "PLAIN, RLE", 1, 983n],
        ["rising", "UNCOMPRESSED", "DELTA_BINARY_PACKED, RLE", 1, 4n],
        ["holed", "UNCOMPRESSED", "DELTA_BINARY_PACKED, RLE", 1, 52n],
        ["near", "UNCOMPRESSED", "DELTA_BINARY_PACKED, RLE", 1, 577n],
        ["far", "ZSTD", "PLAIN, RLE", 0.7, 983n],
        ["leaping", "UNCOMPRESSED", "DELTA_BINARY_PACKED, RLE", 1, 129n]
      ]);
      const found = await read(
        `SELECT ${Object.keys(columns)} FROM read_parquet('${path}', file_row_number = true) ORDER BY file_row_number`
      );
      const value = (number: number | bigint) => (Number.isNaN(number) ? null : BigInt(number));
      for (let i = 0; i < rows; i++)
        if (found[i].some((one, k) => one !== value(Object.values(columns)[k][i])))
          expect({i, row: found[i]}).toEqual({i, row: Object.values(columns).map((values) => value(values[i]))});
    });
  });
