import {createHash} from "node:crypto";
import {expect, it} from "vitest";
import {hostDigests} from "../../../capture/meter/host-digests.ts";

it("digests contents side by side, and gives numbers out again", () => {
  const memory = new WebAssembly.Memory({initial: 1});
  const bytes = () => new Uint8Array(memory.buffer);
  bytes().set(Array.from({length: 4096}, (_, i) => (i * i) & 255));
  const host = hostDigests(() => memory);
  const [first, second, given] = [host.openDigests(), host.openDigests(), host.openDigests()];
  expect([first, second, given]).toEqual([1, 2, 3]);
  host.takeBytes(first, 0, 1000);
  host.takeBytes(second, 3000, 500);
  host.dropDigests(given);
  expect(host.openDigests()).toBe(given);
  // The core's memory may grow in between.
  memory.grow(1);
  host.takeBytes(first, 1000, 24);
  const closed = (digests: number) => {
    host.closeDigests(digests, 8192);
    return Buffer.from(bytes().subarray(8192, 8240)).toString("hex");
  };
  const of = (from: number, to: number) =>
    ["md5", "sha256"].map((name) => createHash(name).update(bytes().subarray(from, to)).digest("hex")).join("");
  expect([closed(first), closed(second)]).toEqual([of(0, 1024), of(3000, 3500)]);
  expect(host.openDigests()).toBe(second);
});
