import {describe, expect, it} from "vitest";
import {type Band, connectionsOf} from "../../src/lib/connections.ts";
import {randomFrom} from "./random-filter.ts";

const band = (from: string, to: string, bytes: number, suspicious = 0): Band => ({
  from,
  to,
  bytes,
  flows: 1,
  suspicious
});

describe("connections between hosts", () => {
  const pairs = [band("a", "x", 50), band("a", "y", 30, 1), band("b", "x", 15), band("c", "z", 4), band("d", "w", 1)];
  const total = {bytes: 110, flows: 7, suspicious: 1};

  it("name the largest on each side, responders beside their originators, and sum the others, with what no pair tells", () => {
    const {from, to, bands} = connectionsOf(pairs, total, 2);
    expect(from).toEqual([
      {host: "a", bytes: 80, flows: 2, hosts: 1},
      {host: "b", bytes: 15, flows: 1, hosts: 1},
      {host: null, bytes: 15, flows: 4, hosts: null}
    ]);
    expect(to.map(({host, bytes}) => [host, bytes])).toEqual([
      ["y", 30],
      ["x", 65],
      [null, 15]
    ]);
    expect(bands.map(({from, to, bytes, suspicious}) => [from, to, bytes, suspicious])).toEqual([
      ["a", "x", 50, 0],
      ["a", "y", 30, 1],
      ["b", "x", 15, 0],
      [null, null, 15, 0]
    ]);
  });

  it("count the others where all pairs are known, and leave no single one unnamed", () => {
    const whole = {bytes: 100, flows: 5, suspicious: 1};
    expect(connectionsOf(pairs, whole, 2).from.at(-1)).toEqual({host: null, bytes: 5, flows: 2, hosts: 2});
    expect(connectionsOf(pairs, whole, 3).from.map(({host}) => host)).toEqual(["a", "b", "c", "d"]);
  });

  it("lose no byte and no flow on either side, however few are named", () => {
    const random = randomFrom(7);
    const many = Array.from({length: 500}, () =>
      band(`s${Math.floor(random() * 60)}`, `d${Math.floor(random() * 90)}`, Math.floor(random() * 1e6))
    );
    const all = {bytes: many.reduce((sum, {bytes}) => sum + bytes, 0), flows: 500, suspicious: 0};
    for (const most of [1, 5, 20, 1000]) {
      const {from, to, bands} = connectionsOf(many, all, most);
      for (const side of [from, to, bands]) {
        expect(side.reduce((sum, {bytes}) => sum + bytes, 0)).toBe(all.bytes);
        expect(side.reduce((sum, {flows}) => sum + flows, 0)).toBe(all.flows);
      }
    }
  });
});
