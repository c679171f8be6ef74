import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, describe, expect, it} from "vitest";
import {keepCapture, keptCapture, trimKept} from "../../../capture/import/kept-captures.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-kept-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const hash = (digit: string) => digit.repeat(64);
const endless = {bytes: Number.POSITIVE_INFINITY, ageS: Number.POSITIVE_INFINITY};

/** A file of so many bytes, to be kept. */
function file(name: string, bytes: number): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.alloc(bytes, 7));
  return path;
}

describe("files of captures that have no other place", () => {
  it("are moved where they are the lake's own, and copied where they are somebody else's", () => {
    const lake = join(folder, "both");
    const [own, other] = [file("own", 10), file("other", 20)];
    expect(keepCapture(lake, {path: own, sha256: hash("a"), moves: true}, endless, 1000)).toBe(true);
    expect(keepCapture(lake, {path: other, sha256: hash("b"), moves: false}, endless, 2000)).toBe(true);
    expect([existsSync(own), existsSync(other)]).toEqual([false, true]);
    expect([hash("a"), hash("b")].map((sha256) => readFileSync(keptCapture(lake, sha256)).length)).toEqual([10, 20]);
  });

  it("give way to newer ones, the oldest first, and are not kept where one alone is too large", () => {
    const lake = join(folder, "limits");
    const limits = {bytes: 100, ageS: Number.POSITIVE_INFINITY};
    const keep = (digit: string, bytes: number, nowMs: number) =>
      keepCapture(lake, {path: file(digit, bytes), sha256: hash(digit), moves: true}, limits, nowMs);
    const there = () => ["a", "b", "c", "d"].filter((digit) => existsSync(keptCapture(lake, hash(digit))));
    expect([keep("a", 40, 1000), keep("b", 60, 2000)]).toEqual([true, true]);
    expect(there()).toEqual(["a", "b"]);
    expect(keep("c", 30, 3000)).toBe(true);
    expect(there()).toEqual(["b", "c"]);
    expect(keep("d", 101, 4000)).toBe(false);
    expect(there()).toEqual(["b", "c"]);
    expect(keep("a", 100, 5000)).toBe(true);
    expect(there()).toEqual(["a"]);
  });

  it("are removed by age when asked", () => {
    const lake = join(folder, "age");
    for (const [digit, ms] of [["a", 1000] as const, ["b", 9000] as const])
      keepCapture(lake, {path: file(digit, 5), sha256: hash(digit), moves: true}, endless, ms);
    expect(trimKept(lake, {bytes: 1000, ageS: 4}, 10_000)).toEqual({files: 1, bytes: 5});
    expect(trimKept(lake, {bytes: 1000, ageS: 4}, 10_000)).toEqual({files: 0, bytes: 0});
    expect(existsSync(keptCapture(lake, hash("b")))).toBe(true);
  });

  it("have a hash for a name and nothing else", () => {
    const kept = {path: file("x", 1), sha256: "../../etc/passwd", moves: true};
    expect(() => keepCapture(join(folder, "name"), kept, endless, 0)).toThrow("expected a SHA-256");
  });
});
