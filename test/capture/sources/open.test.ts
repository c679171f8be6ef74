import {createHash, randomInt} from "node:crypto";
import {mkdirSync, mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {Readable} from "node:stream";
import {gzipSync} from "node:zlib";
import {afterAll, describe, expect, it} from "vitest";
import {type ByteStream, fileBytes, readableBytes} from "../../../capture/sources/bytes.ts";
import {gunzip, unzstd} from "../../../capture/sources/decompress.ts";
import {hashFile} from "../../../capture/sources/hash-file.ts";
import {openSource} from "../../../capture/sources/open.ts";
import {CaptureError} from "../../../capture/sources/source.ts";
import {pcapFile, plainBatch, put, readCapture} from "./packets.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-open-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));
const file = (bytes: Uint8Array) => put(join(folder, "capture"), bytes);

const records = Array.from({length: 3000}, (_, i) => {
  const bytes = Buffer.alloc(40 + (i % 900), `packet ${i} `);
  return {seconds: 1_700_000_000 + i, fraction: i, captured: bytes.length, wire: bytes.length, bytes};
});
const plain = pcapFile(records);

/** One raw zstd block (RFC 8878 §3.1.1.2) per chunk: compressed by nothing, but a frame all the same. */
function zstdOf(bytes: Uint8Array): Buffer {
  const head = Buffer.from("28b52ffd0058", "hex");
  const parts: Uint8Array[] = [head];
  for (let at = 0; at < bytes.length; at += 100_000) {
    const chunk = bytes.subarray(at, at + 100_000);
    const last = at + 100_000 >= bytes.length ? 1 : 0;
    const header = (chunk.length << 3) | last;
    parts.push(Uint8Array.of(header & 255, (header >> 8) & 255, header >> 16), chunk);
  }
  return Buffer.concat(parts);
}

async function all(bytes: ByteStream): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const chunk = new Uint8Array(10_007);
    const n = await bytes.read(chunk, 0, chunk.length);
    if (n === 0) return Buffer.concat(parts);
    parts.push(chunk.subarray(0, n));
  }
}

/** Enough for a few packets: made once, as thousands of files are read. */
const small = plainBatch(300_000, 64);

describe("opening a capture", () => {
  it("sees gzip and zstd by their content and reads what the plain file holds", async () => {
    const {format, ...expected} = await readCapture(file(plain));
    expect(format).toBe("pcap");
    expect(expected.packets.length).toBe(3000);
    expect(await readCapture(file(gzipSync(plain)))).toEqual({...expected, format: "pcap.gz"});
    expect(await readCapture(file(zstdOf(plain)))).toEqual({...expected, format: "pcap.zst"});
    const skippable = Buffer.from("502a4d1803000000616263", "hex");
    expect(await readCapture(file(Buffer.concat([skippable, zstdOf(plain)])))).toEqual({
      ...expected,
      format: "pcap.zst"
    });
  });

  it("reads on through several gzip members and zstd frames", async () => {
    const halves = [plain.subarray(0, 70_001), plain.subarray(70_001)];
    const {packets} = await readCapture(file(plain));
    expect((await readCapture(file(Buffer.concat(halves.map((half) => gzipSync(half)))))).packets).toEqual(packets);
    expect((await readCapture(file(Buffer.concat(halves.map(zstdOf))))).packets).toEqual(packets);
  });

  it("refuses what is no capture, naming the bytes found", async () => {
    const expected = "byte 0: expected a pcap or pcapng file, plain or compressed by gzip or zstd, found";
    await expect(openSource(file(Buffer.alloc(0)))).rejects.toThrow(`${folder}/capture: ${expected} no byte`);
    await expect(openSource(file(Buffer.from("PK\x03\x04 and so on")))).rejects.toThrow(
      `${expected} 50 4b 03 04 20 61 6e 64`
    );
    await expect(openSource(file(gzipSync("hello world")))).rejects.toThrow(
      `${expected} 68 65 6c 6c 6f 20 77 6f after decompression`
    );
    await expect(openSource(file(gzipSync(gzipSync(plain))))).rejects.toBeInstanceOf(CaptureError);
    await expect(openSource(file(Buffer.from("1f8b0000", "hex")))).rejects.toBeInstanceOf(CaptureError);
  });

  it("passes on what the file system says of a missing file and of a folder", async () => {
    mkdirSync(join(folder, "inner"));
    await expect(openSource(join(folder, "absent"))).rejects.toMatchObject({code: "ENOENT"});
    await expect(openSource(join(folder, "inner"))).rejects.toMatchObject({code: "EISDIR"});
  });

  it("never throws anything but a CaptureError for random bytes behind a good magic", async () => {
    const seed = Number(process.env.FLOWBOOK_SEED ?? randomInt(2 ** 31));
    console.info(`seed ${seed} (set FLOWBOOK_SEED to repeat)`);
    let state = seed;
    const random = (n: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return Math.floor((state / 2 ** 31) * n);
    };
    const beginnings = [
      "d4c3b2a1",
      "a1b2c3d4",
      "4d3cb2a1",
      "34cdb2a1",
      "d4c3b2a102000400",
      "0a0d0d0a",
      "0a0d0d0a1c0000004d3c2b1a01000000",
      "1f8b08",
      "28b52ffd",
      ""
    ];
    for (let run = 0; run < 1500; run++) {
      // Small numbers make most lengths and types plausible, so that the deeper branches are reached.
      const noise = Buffer.from(
        Array.from({length: random(400)}, () => (random(3) ? random(4) * random(20) : random(256)))
      );
      const path = file(Buffer.concat([Buffer.from(beginnings[random(beginnings.length)], "hex"), noise]));
      try {
        const {packets} = await readCapture(path, small);
        for (const {ts, wire} of packets) expect(Number.isFinite(ts) && wire >= 0).toBe(true);
      } catch (error) {
        expect([seed, (error as Error).name]).toEqual([seed, "CaptureError"]);
      }
    }
  });

  it("reads a flipped bit anywhere without throwing", async () => {
    const bytes = pcapFile(
      records.slice(0, 3).map((r) => ({...r, captured: 8, wire: 8, bytes: r.bytes.subarray(0, 8)}))
    );
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] ^= 1 << (bit & 7);
      await readCapture(file(flipped), small).catch((error) => expect(error).toBeInstanceOf(CaptureError));
    }
  });
});

describe("compressed captures", () => {
  for (const [name, compressed] of [
    ["gzip", gzipSync(plain)],
    ["zstd", zstdOf(plain)]
  ] as const)
    it(`hand out what was decoded before a ${name} stream breaks off`, async () => {
      const path = file(compressed.subarray(0, Math.floor(compressed.length / 2)));
      const {packets, problem} = await readCapture(path);
      expect(packets.length).toBeGreaterThan(1000);
      expect(packets.length).toBeLessThan(2500);
      expect(packets.map((packet) => packet.bytes)).toEqual(
        records.slice(0, packets.length).map((record) => record.bytes.toString())
      );
      expect(problem!.message).toMatch(
        new RegExp(
          `${name}: .*(unexpected end of file|unexpected EOF) after .* compressed bytes \\(bytes of the uncompressed stream\\)`
        )
      );
    });

  it("decode the same bytes by fzstd as were stored", async () => {
    const path = file(zstdOf(plain));
    expect((await all(unzstd(fileBytes(path)))).equals(plain)).toBe(true);
  });

  it("stop at the caps on bytes and on ratio", async () => {
    // Packets of the greatest length, all zero: few of them, so that the test is about bytes.
    const record = {seconds: 0, fraction: 0, captured: 262_144, wire: 262_144, bytes: Buffer.alloc(262_144)};
    const bomb = pcapFile(Array.from({length: 400}, () => record));
    const path = file(gzipSync(bomb));
    const ratio = await readCapture(path, undefined, {maxRatio: 200});
    expect(ratio.problem!.message).toContain("gzip: swells to more than 200 times its compressed bytes");
    const total = await readCapture(path, undefined, {maxBytes: 1 << 20});
    expect(total.problem!.message).toContain("gzip: more than 1,048,576 bytes uncompressed");
    expect(total.packets.length).toBeGreaterThan(0);
  });

  it("refuse a zstd window that would take gigabytes", async () => {
    const frame = Buffer.from("28b52ffd00a8000000000000000000000000000000", "hex");
    await expect(all(unzstd(fileBytes(file(frame))))).rejects.toThrow("window of 2^31 bytes exceeds 2^27");
  });
});

describe("bytes", () => {
  it("of a Node stream come as they are, whatever its chunks", async () => {
    const chunks = [Buffer.alloc(0), plain.subarray(0, 3), plain.subarray(3, 90_000), plain.subarray(90_000)];
    expect((await all(readableBytes(Readable.from(chunks)))).equals(plain)).toBe(true);
  });

  it("of a file have one SHA-256", async () => {
    const path = file(plain);
    expect(await hashFile(path)).toBe(createHash("sha256").update(readFileSync(path)).digest("hex"));
  });

  it("past a gzip header are unpacked from a stream too", async () => {
    const packed = gzipSync(plain);
    expect(
      (await all(gunzip(readableBytes(Readable.from([packed.subarray(0, 5), packed.subarray(5)]))))).equals(plain)
    ).toBe(true);
  });
});
