import {describe, expect, it} from "vitest";
import {ByteCache} from "../../../capture/dissect/byte-cache.ts";
import {Pool} from "../../../capture/dissect/pool.ts";

describe("a cache by bytes", () => {
  it("finds what was kept for the same bytes anywhere, and nothing for others", () => {
    const cache = new ByteCache<string>(64, 8);
    const bytes = Uint8Array.of(9, 1, 2, 3, 4, 5, 9);
    expect(cache.get(bytes, 1, 6)).toBeUndefined();
    expect(cache.keep(bytes, 1, 6, "five")).toBe("five");
    expect(cache.get(Uint8Array.of(1, 2, 3, 4, 5), 0, 5)).toBe("five");
    expect(cache.get(bytes, 1, 5)).toBeUndefined();
    expect(cache.get(Uint8Array.of(1, 2, 3, 4, 6), 0, 5)).toBeUndefined();
    expect(cache.misses).toBe(3);
  });

  it("never answers for other bytes, however many share its slots", () => {
    const cache = new ByteCache<number>(16, 4);
    const run = (i: number) => Uint8Array.of(i, i >> 8, i >> 16, 7).subarray(0, 2 + (i % 3));
    let found = 0;
    for (let i = 0; i < 5000; i++) {
      const bytes = run(i % 40);
      const value = cache.get(bytes, 0, bytes.length);
      if (value === undefined) cache.keep(bytes, 0, bytes.length, i % 40);
      else {
        expect(value).toBe(i % 40);
        found++;
      }
    }
    expect(found + cache.misses).toBe(5000);
  });

  it("passes over runs that are too long, and refuses a number of slots that is no power of two", () => {
    const cache = new ByteCache<string>(4, 2);
    const bytes = Uint8Array.of(1, 2, 3);
    expect(cache.get(bytes, 0, 3)).toBeUndefined();
    cache.keep(bytes, 0, 3, "long");
    expect(cache.get(bytes, 0, 3)).toBeUndefined();
    expect(() => new ByteCache<string>(12, 2)).toThrow("expected a power of two as number of slots, found 12");
  });
});

describe("a pool", () => {
  it("gives back what it was given, up to its limit", () => {
    const pool = new Pool<string>(2);
    for (const item of ["a", "b", "c"]) pool.give(item);
    expect([pool.take(), pool.take(), pool.take()]).toEqual(["b", "a", undefined]);
  });
});
