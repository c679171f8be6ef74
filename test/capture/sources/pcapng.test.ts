import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, describe, expect, it} from "vitest";
import {openSource} from "../../../capture/sources/open.ts";
import {microseconds} from "../../../capture/sources/pcapng-interface.ts";
import {CaptureError} from "../../../capture/sources/source.ts";
import {plainBatch, put, readCapture} from "./packets.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-pcapng-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));
const file = (...parts: Uint8Array[]) => put(join(folder, "x.pcapng"), Buffer.concat(parts));

/** Writes blocks in one byte order. */
function blocks(littleEndian = true) {
  const u16 = (value: number) => number(2, (view) => view.setUint16(0, value, littleEndian));
  const u32 = (value: number) => number(4, (view) => view.setUint32(0, value, littleEndian));
  const u64 = (value: bigint) => number(8, (view) => view.setBigUint64(0, value, littleEndian));
  const padded = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  const option = (code: number, value: Uint8Array) => Buffer.concat([u16(code), u16(value.length), padded(value)]);
  const block = (type: number, ...body: Uint8Array[]) => {
    const length = u32(12 + body.reduce((sum, part) => sum + part.length, 0));
    return Buffer.concat([u32(type), length, ...body, length]);
  };
  return {
    option,
    block,
    u32,
    u64,
    section: () => block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), u64(0xffffffffffffffffn)),
    interface: (link: number, snaplen: number, ...options: Uint8Array[]) =>
      block(1, u16(link), u16(0), u32(snaplen), ...options),
    enhanced: (id: number, units: bigint, bytes: string, wire = bytes.length, ...options: Uint8Array[]) =>
      block(
        6,
        u32(id),
        u32(Number(units >> 32n)),
        u32(Number(units & 0xffffffffn)),
        u32(bytes.length),
        u32(wire),
        padded(Buffer.from(bytes)),
        ...options
      ),
    simple: (bytes: string, wire = bytes.length) => block(3, u32(wire), padded(Buffer.from(bytes))),
    old: (id: number, units: bigint, bytes: string) =>
      block(
        2,
        u16(id),
        u16(0xffff),
        u32(Number(units >> 32n)),
        u32(Number(units & 0xffffffffn)),
        u32(bytes.length),
        u32(bytes.length),
        padded(Buffer.from(bytes))
      )
  };
}

function number(length: number, set: (view: DataView) => void): Uint8Array {
  const view = new DataView(new ArrayBuffer(length));
  set(view);
  return new Uint8Array(view.buffer);
}

const le = blocks(true);
const be = blocks(false);
const time = 1_700_000_000_123_456n;

describe("pcapng", () => {
  it("is read through sections of either byte order and interfaces with resolutions of their own", async () => {
    const path = file(
      le.section(),
      le.interface(1, 0),
      le.interface(113, 96, le.option(9, Uint8Array.of(9)), le.option(14, le.u64(100n))),
      le.enhanced(0, time, "abc", 60),
      le.block(0x0bad, le.u32(7)),
      le.enhanced(1, time * 1000n + 999n, "defgh"),
      be.section(),
      be.interface(101, 0, be.option(9, Uint8Array.of(0x80 | 20))),
      be.old(0, 1_700_000_000n << 20n, "i"),
      be.simple("jk", 2)
    );
    const {packets, ...reading} = await readCapture(path);
    expect(reading).toEqual({
      format: "pcapng",
      problem: null,
      kernelDrops: null,
      interfaceDrops: null,
      snaplen: 262_144
    });
    expect(packets.map((p) => [p.ts, p.wire, p.link, p.bytes])).toEqual([
      [1_700_000_000_123_456, 60, 1, "abc"],
      [1_700_000_100_123_456, 5, 113, "defgh"],
      [1_700_000_000_000_000, 1, 101, "i"],
      [1_700_000_000_000_000, 2, 101, "jk"]
    ]);
  });

  it("gives a simple packet no more than the interface's snapshot length", async () => {
    const {packets} = await readCapture(file(le.section(), le.interface(1, 3), le.simple("abc", 1500)));
    expect(packets).toEqual([{ts: 0, wire: 1500, link: 1, bytes: "abc"}]);
  });

  it("sums the last statistics of each interface over the sections", async () => {
    const lost = (b: ReturnType<typeof blocks>, id: number, byInterface: bigint, byKernel: bigint) =>
      b.block(
        5,
        b.u32(id),
        b.u64(0n),
        b.option(5, b.u64(byInterface)),
        b.option(7, b.u64(byKernel)),
        b.option(0, Buffer.alloc(0))
      );
    const path = file(
      le.section(),
      le.interface(1, 0),
      le.interface(1, 0),
      lost(le, 0, 1n, 10n),
      lost(le, 0, 2n, 20n),
      lost(le, 1, 4n, 40n),
      be.section(),
      be.interface(1, 0),
      lost(be, 0, 100n, 1000n)
    );
    const {kernelDrops, interfaceDrops, problem} = await readCapture(path);
    expect({kernelDrops, interfaceDrops, problem}).toEqual({kernelDrops: 1060, interfaceDrops: 106, problem: null});
  });

  it("passes over unknown blocks longer than the buffer", async () => {
    const path = file(le.section(), le.interface(1, 0), le.block(10, Buffer.alloc(5000)), le.enhanced(0, time, "abc"));
    const {packets, problem} = await readCapture(path, plainBatch(128));
    expect([packets.length, problem]).toEqual([1, null]);
  });

  it("passes over an unknown block the same way whether the buffer holds it or not, as its end is not always seen", async () => {
    const other = le.block(10, Buffer.alloc(1000));
    other.writeUInt32LE(7, other.length - 4);
    const path = file(le.section(), le.interface(1, 0), other, le.enhanced(0, time, "abc"));
    const whole = await readCapture(path);
    expect([whole.packets.length, whole.problem]).toEqual([1, null]);
    expect(await readCapture(path, plainBatch(128))).toEqual(whole);
  });

  it("ends at the first damaged block and names its byte", async () => {
    const good = [le.section(), le.interface(1, 0), le.enhanced(0, time, "abc")];
    const start = Buffer.concat(good).length;
    const damaged = async (block: Uint8Array) => {
      const path = file(...good, block, le.enhanced(0, time, "later"));
      const {packets, problem} = await readCapture(path);
      expect(packets.length).toBe(1);
      return problem!.message.slice(path.length + 2);
    };
    const cut = le.enhanced(0, time, "abc");
    cut.writeUInt32LE(32, cut.length - 4);
    const long = le.enhanced(0, time, "abc");
    long.writeUInt32LE(5, 20);
    const odd = le.enhanced(0, time, "abc");
    odd.writeUInt32LE(35, 4);
    expect(await damaged(le.enhanced(3, time, "abc"))).toBe(
      `byte ${start + 8}: expected an interface below 1, found 3`
    );
    expect(await damaged(cut)).toBe(`byte ${start + 32}: expected the block's length 36 again, found 32`);
    expect(await damaged(long)).toBe(`byte ${start}: packet 2: expected a captured length of at most 4, found 5`);
    expect(await damaged(odd)).toBe(
      `byte ${start + 4}: expected a block length of at least 12 and a multiple of 4, found 35`
    );
    expect(await damaged(le.block(6, le.u32(0)))).toBe(
      `byte ${start + 4}: expected 32 bytes or more of packet block, found 16`
    );
    expect(await damaged(Buffer.from("0a0d0d0a1c0000004d3c2b1a02000000ffffffffffffffff1c000000", "hex"))).toBe(
      `byte ${start}: expected pcapng version 1, found 2.0`
    );
  });

  it("loses no packet before the cut, wherever the file is cut", async () => {
    const parts = [le.section(), le.interface(1, 0), le.enhanced(0, time, "abc"), le.block(99), le.simple("defgh")];
    const bytes = Buffer.concat(parts);
    const ends = parts.map((_, i) => Buffer.concat(parts.slice(0, i + 1)).length);
    for (let length = 0; length <= bytes.length; length++) {
      const path = file(bytes.subarray(0, length));
      if (length < 16) {
        await expect(openSource(path)).rejects.toBeInstanceOf(CaptureError);
        continue;
      }
      const {packets, problem} = await readCapture(path);
      expect(packets.length).toBe([ends[2], ends[4]].filter((end) => end <= length).length);
      if (ends.includes(length)) expect(problem).toBeNull();
      else
        expect([problem!.name, problem!.byte]).toEqual([
          "CaptureError",
          [0, ...ends].filter((end) => end < length).at(-1)
        ]);
    }
  });
});

describe("times of a pcapng interface", () => {
  const at = (exponent: number, isBinary: boolean, units: bigint, offset = 0) =>
    microseconds(
      {link: 1, snaplen: 0, exponent, isBinary, offset, drops: {kernelDrops: null, interfaceDrops: null}},
      Number(units >> 32n),
      Number(units & 0xffffffffn)
    );

  it("are exact for every power of ten and of two, rounded down", () => {
    for (let exponent = 0; exponent <= 15; exponent++) {
      const perSecond = 10n ** BigInt(exponent);
      const units = (time * perSecond) / 1_000_000n + (exponent > 9 ? 999n : 0n);
      if (units < 1n << 64n)
        expect([exponent, at(exponent, false, units)]).toEqual([exponent, Number((units * 1_000_000n) / perSecond)]);
    }
    expect(at(32, true, (1_700_000_000n << 32n) | 0x80000000n)).toBe(1_700_000_000_500_000);
    expect(at(127, true, (1n << 64n) - 1n)).toBe(0);
  });

  it("are cut to the year 9999 where they are damaged", () => {
    expect(at(6, false, (1n << 64n) - 1n)).toBe(253_402_300_799e6);
    expect(at(6, false, 0n, -9e24)).toBe(-253_402_300_799e6);
  });
});
