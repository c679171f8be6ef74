import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, describe, expect, it} from "vitest";
import {openSource} from "../../../capture/sources/open.ts";
import {CaptureError} from "../../../capture/sources/source.ts";
import {pcapFile, plainBatch, put, readCapture} from "./packets.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-pcap-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));
const file = (bytes: Uint8Array) => put(join(folder, "x.pcap"), bytes);

const record = (bytes: string, change = {}) => ({
  seconds: 1_700_000_000,
  fraction: 123_456,
  captured: bytes.length,
  wire: bytes.length,
  bytes: Buffer.from(bytes),
  ...change
});

describe("classic pcap", () => {
  for (const littleEndian of [true, false]) {
    it(`is read in microseconds, ${littleEndian ? "little" : "big"} endian`, async () => {
      const path = file(pcapFile([record("abc", {wire: 60}), record("defg")], {littleEndian, link: 113}));
      expect(await readCapture(path)).toEqual({
        format: "pcap",
        problem: null,
        kernelDrops: null,
        interfaceDrops: null,
        snaplen: 65535,
        packets: [
          {ts: 1_700_000_000_123_456, wire: 60, link: 113, bytes: "abc"},
          {ts: 1_700_000_000_123_456, wire: 4, link: 113, bytes: "defg"}
        ]
      });
    });

    it(`is read in nanoseconds, rounded down, ${littleEndian ? "little" : "big"} endian`, async () => {
      const path = file(pcapFile([record("abc", {fraction: 123_456_999})], {littleEndian, magic: 0xa1b23c4d}));
      const {packets} = await readCapture(path);
      expect(packets.map(({ts}) => ts)).toEqual([1_700_000_000_123_456]);
    });
  }

  it("may hold other files behind one another, each with its own header", async () => {
    const [one, other] = [
      pcapFile([record("abc"), record("d")], {littleEndian: true, link: 1}),
      pcapFile([record("efg", {fraction: 123_456_999})], {littleEndian: false, magic: 0xa1b23c4d, link: 113})
    ];
    const {packets, problem} = await readCapture(file(Buffer.concat([one, other, one])));
    expect(problem).toBe(null);
    expect(packets.map(({bytes, link, ts}) => [bytes, link, ts])).toEqual(
      [
        ["abc", 1],
        ["d", 1],
        ["efg", 113],
        ["abc", 1],
        ["d", 1]
      ].map((packet) => [...packet, 1_700_000_000_123_456])
    );
  });

  it("has longer record headers where Kuznetzov's magic says so", async () => {
    const {packets} = await readCapture(file(pcapFile([record("abc"), record("d")], {magic: 0xa1b2cd34})));
    expect(packets.map(({bytes}) => bytes)).toEqual(["abc", "d"]);
  });

  it("has its lengths swapped before version 2.3, and in 2.3 where they contradict each other", async () => {
    const swapped = record("abc", {captured: 60, wire: 3});
    for (const minor of [2, 3]) {
      const {packets} = await readCapture(file(pcapFile([swapped], {minor})));
      expect(packets.map(({bytes, wire}) => [bytes, wire])).toEqual([["abc", 60]]);
    }
    const plain = record("abc", {captured: 3, wire: 60});
    const {packets} = await readCapture(file(pcapFile([plain], {minor: 3})));
    expect(packets.map(({bytes, wire}) => [bytes, wire])).toEqual([["abc", 60]]);
  });

  it("takes a snapshot length of 0 for the longest packet that is believed", async () => {
    expect((await readCapture(file(pcapFile([record("abc")], {snaplen: 0})))).snaplen).toBe(262_144);
  });

  it("refuses other versions and reserved link type bits when it is opened", async () => {
    await expect(openSource(file(pcapFile([], {major: 1})))).rejects.toThrow(
      `${folder}/x.pcap: byte 0: expected pcap version 2, found 1.4`
    );
    await expect(openSource(file(pcapFile([], {link: 0x0030_0001})))).rejects.toThrow("reserved bits, found 0x300001");
  });

  it("ends at an impossible length with the packets before it and the byte of its record", async () => {
    const path = file(pcapFile([record("abc"), record("defg", {captured: 300_000}), record("h")]));
    const {packets, problem} = await readCapture(path);
    expect(packets.map(({bytes}) => bytes)).toEqual(["abc"]);
    expect(problem).toBeInstanceOf(CaptureError);
    expect(problem!.byte).toBe(24 + 16 + 3);
    expect(problem!.message).toBe(
      `${path}: byte 43: packet 2: expected a captured length of at most 262,144 (the file's snapshot length is 65,535), found 300,000`
    );
  });

  it("ends at a packet that does not fit the buffer", async () => {
    const path = file(pcapFile([record("abc"), record("x".repeat(300))]));
    const {packets, problem} = await readCapture(path, plainBatch(256));
    expect(packets.length).toBe(1);
    expect(problem!.message).toBe(`${path}: byte 43: a packet record of 316 bytes exceeds the buffer of 256`);
  });

  it("tells a packet that is days off beside the one behind it, wherever a batch ends", async () => {
    const days = (n: number, bytes: string) => record(bytes, {seconds: 1_700_000_000 + n * 86_400});
    const list = [days(0, "a"), days(0, "bb"), days(900, "ccc"), days(0, "d"), days(0, "e"), days(800, "f")];
    const path = file(pcapFile(list));
    const whole = await readCapture(path);
    expect(whole.packets.map(({bytes}) => bytes)).toEqual(["a", "bb", "ccc", "d", "e", "f"]);
    for (let most = 2; most <= 6; most++) {
      const batch = plainBatch(4 << 20, most);
      const source = await openSource(path);
      for (let left = list.length; await source.next(batch); ) {
        left -= batch.count;
        const last = batch.ts[batch.count - 1];
        // At the end of the capture nothing is behind it.
        if (left > 0) expect([most, last]).toEqual([most, 1_700_000_000_123_456]);
      }
      await source.close();
      expect((await readCapture(path, plainBatch(4 << 20, most))).packets).toEqual(whole.packets);
    }
  });

  it("is the same in batches of any size", async () => {
    const records = Array.from({length: 500}, (_, i) => record(String(i).repeat(1 + (i % 37)), {fraction: i}));
    const path = file(pcapFile(records));
    const whole = await readCapture(path);
    expect(whole.packets.length).toBe(500);
    for (const [bytes, packets] of [
      [128, 1],
      [131, 7],
      [1000, 8192],
      [4096, 3]
    ])
      expect(await readCapture(path, plainBatch(bytes, packets))).toEqual(whole);
  });

  it("loses no packet before the cut, wherever the file is cut", async () => {
    const records = [record("abc"), record(""), record("0123456789"), record("z")];
    const bytes = pcapFile(records);
    const ends = records.map((_, i) => 24 + records.slice(0, i + 1).reduce((sum, r) => sum + 16 + r.bytes.length, 0));
    for (let length = 0; length <= bytes.length; length++) {
      const path = file(bytes.subarray(0, length));
      if (length < 24) {
        await expect(openSource(path)).rejects.toBeInstanceOf(CaptureError);
        continue;
      }
      const {packets, problem} = await readCapture(path);
      expect(packets.length).toBe(ends.filter((end) => end <= length).length);
      const begun = [24, ...ends].filter((end) => end <= length).at(-1)!;
      if (begun === length) expect(problem).toBeNull();
      else expect([problem!.name, problem!.byte]).toEqual(["CaptureError", begun]);
    }
  });
});
