import {describe, expect, it} from "vitest";
import {Random} from "../../fuzz/random.ts";
import {openUnits} from "./core/units.ts";

const units = await openUnits();
const {core, bytes} = units;
const seed = Number(process.env.FLOWBOOK_SEED ?? 1);

/** Bytes of the arena that blocks are of. */
const arenaBytes = 256 << 20;

interface Block {
  readonly at: number;
  readonly size: number;
  readonly mark: number;
}

/** The blocks in the order of their places; throws where two have a byte in common or one is not at a multiple of 16. */
function checkPlaces(blocks: readonly Block[], first: number): void {
  let end = first;
  for (const {at, size} of [...blocks].sort((a, b) => a.at - b.at)) {
    if (at < end || at % 16 !== 0)
      throw new Error(`seed ${seed}: a block of ${size} bytes at ${at}, the last ends at ${end}`);
    end = at + size;
  }
  if (end > first + arenaBytes) throw new Error(`seed ${seed}: a block ends ${end - first - arenaBytes} bytes too far`);
}

describe(`the heap, of seed ${seed} (FLOWBOOK_SEED sets another)`, () => {
  it("gives blocks that never overlap and stay as they are, and finds again what was released", () => {
    const random = new Random(seed);
    core.openHeap();
    const first = core.allocate(1);
    core.release(first, 1);
    let blocks: Block[] = [];
    let given = 0;
    for (let step = 0; step < 60_000; step++) {
      const isFull = blocks.length > 600;
      if (blocks.length === 0 || (!isFull && random.chance(0.52))) {
        const size = random.chance(0.03) ? random.below(1 << 20) : random.below(random.of([17, 64, 300, 5000]));
        const at = core.allocate(size);
        if (at === 0) throw new Error(`seed ${seed}: no block of ${size} bytes at step ${step}`);
        given += size;
        const mark = random.below(256);
        bytes.fill(mark, at, at + size);
        blocks.push({at, size, mark});
      } else {
        const i = random.below(blocks.length);
        const {at, size, mark} = blocks[i];
        blocks[i] = blocks.at(-1)!;
        blocks.pop();
        if (!bytes.subarray(at, at + size).every((byte) => byte === mark))
          throw new Error(`seed ${seed}: a block of ${size} bytes was written to`);
        core.release(at, size);
        if (random.chance(0.1)) {
          expect([seed, core.allocate(size)]).toEqual([seed, at]);
          core.release(at, size);
        }
      }
      if (step % 50 === 0) checkPlaces(blocks, first);
    }
    // More than there is: most of it was given more than once.
    expect(given).toBeGreaterThan(arenaBytes);
    for (const {at, size} of blocks) core.release(at, size);
    blocks = [];
  });

  it("refuses what it has not, and cuts what is asked for from larger blocks", () => {
    const random = new Random(seed);
    const mebi = 1 << 20;
    core.openHeap();
    const all = Array.from({length: arenaBytes / mebi}, () => core.allocate(mebi));
    expect(new Set(all).size).toBe(256);
    expect(all).not.toContain(0);
    expect([core.allocate(mebi), core.allocate(1)]).toEqual([0, 0]);
    const [cut, whole] = [all[random.below(128)], all[128 + random.below(128)]];
    core.release(cut, mebi);
    const blocks: Block[] = [];
    for (let left = mebi; left > 0; ) {
      const size = random.of([16, 32, 1024, 4096, 65_536]);
      if (size > left) continue;
      const at = core.allocate(size);
      // As blocks are cut, a larger one may not be left whole.
      if (at === 0) {
        expect(size).toBeGreaterThan(16);
        continue;
      }
      blocks.push({at, size, mark: 0});
      left -= size;
    }
    checkPlaces(blocks, cut);
    expect(blocks.every(({at, size}) => at >= cut && at + size <= cut + mebi)).toBe(true);
    expect(core.allocate(1)).toBe(0);
    core.release(whole, mebi);
    expect(core.allocate(mebi)).toBe(whole);
    expect(core.allocate(mebi)).toBe(0);
    core.openHeap();
    expect(core.allocate(arenaBytes)).toBe(all[0]);
  });
});

describe(`a dictionary, of seed ${seed} (FLOWBOOK_SEED sets another)`, () => {
  const intern = (text: Uint8Array) => {
    units.begin();
    return core.intern(units.put(text), text.length);
  };

  it("gives the codes of a Map, and keeps texts in their order", () => {
    const random = new Random(seed);
    core.openHeap();
    core.openDictionary();
    for (let round = 0; round < 20; round++) {
      const codes = new Map<string, number>();
      const distinct = random.of([1, 3, 100, 129, 3000]);
      for (let i = 0; i < 3000; i++) {
        const text = "é".repeat(random.below(3)) + "x".repeat(random.chance(0.01) ? 6000 : 0) + random.below(distinct);
        if (!codes.has(text)) codes.set(text, codes.size);
        expect([seed, text, intern(Buffer.from(text))]).toEqual([seed, text, codes.get(text)]);
      }
      expect(units.texts()).toEqual([...codes.keys()]);
      core.clearDictionary();
      expect(units.texts()).toEqual([]);
    }
  });

  it("tells apart texts that begin alike, and the empty one", () => {
    core.openHeap();
    core.openDictionary();
    const texts = [
      "",
      "\u0001",
      ...Array.from({length: 40}, (_, length) => "a".repeat(length + 1)),
      "aaaaaaab",
      "baaaaaaa"
    ];
    for (let again = 0; again < 2; again++)
      expect(texts.map((text) => intern(Buffer.from(text)))).toEqual(texts.map((_, code) => code));
  });

  it("takes no more where memory is out, and keeps what it has", () => {
    core.openHeap();
    core.openDictionary();
    const known = Array.from({length: 128}, (_, i) => `text ${i}`);
    for (const text of known) intern(Buffer.from(text));
    const blocks: number[] = [];
    for (let size = 1 << 24; size >= 16; size >>= 1)
      for (let at = 1; at !== 0; ) blocks.push((at = core.allocate(size)));
    expect([intern(Buffer.from("another")), intern(Buffer.from("text 5"))]).toEqual([-1, 5]);
    expect(units.texts()).toEqual(known);
    for (const at of blocks.slice(0, 1)) core.release(at, 1 << 24);
    expect([intern(Buffer.from("another")), intern(Buffer.from("text 5"))]).toEqual([128, 5]);
  });
});
