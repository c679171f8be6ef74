import {randomFillSync} from "node:crypto";
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import zlib from "node:zlib";
import {decompress} from "fzstd";
import {afterAll, afterEach, beforeAll, describe, expect, it, vi} from "vitest";
import {ColumnEncoder} from "../../../capture/partitions/encoder/encoder.ts";
import {ParquetFile} from "../../../capture/partitions/encoder/parquet-file.ts";
import {nativeCompressor, wasmCompressor} from "../../../capture/partitions/encoder/zstd.ts";
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

    it("stores random values as they are and compresses others, NULL or not, which DuckDB reads back", async () => {
      const rows = 122_880;
      const random = randomFrom(seed);
      const ids = BigInt64Array.from({length: rows}, () =>
        BigInt.asIntN(64, (BigInt(Math.floor(random() * 2 ** 32)) << 32n) | BigInt(Math.floor(random() * 2 ** 32)))
      );
      const rising = Float64Array.from({length: rows}, (_, i) => i * 3);
      const holed = rising.map((value) => (random() < 0.5 ? Number.NaN : value));
      const columns = [columnOf("id", "BIGINT"), columnOf("rising", "BIGINT"), columnOf("holed", "BIGINT")];
      const path = join(folder, `${name}.parquet`);
      const file = await ParquetFile.create(path, columns, compress);
      const encoder = await ColumnEncoder.load();
      encoder.prepare(rows, rows * 8, 0, 0);
      for (const values of [ids, rising, holed]) {
        const {memory, at} = encoder.input;
        new Uint8Array(memory, at, rows * 8).set(new Uint8Array(values.buffer));
        encoder.numbers(values === ids ? "i64 INT64" : "f64 INT64", {from: 0, count: rows});
        file.column(encoder, rows);
      }
      file.endRowGroup(rows);
      file.end({});
      const stored = await read(
        `SELECT path_in_schema, compression, total_compressed_size < total_uncompressed_size FROM parquet_metadata('${path}')`
      );
      expect(stored).toEqual([
        ["id", "UNCOMPRESSED", false],
        ["rising", "ZSTD", true],
        ["holed", "ZSTD", true]
      ]);
      const found = await read(
        `SELECT id, rising, holed FROM read_parquet('${path}', file_row_number = true) ORDER BY file_row_number`
      );
      const expected = Array.from(ids, (id, i) => [
        id,
        BigInt(rising[i]),
        Number.isNaN(holed[i]) ? null : BigInt(holed[i])
      ]);
      expect(found).toEqual(expected);
    });
  });
