import {expect, it} from "vitest";
import {goesOn, type Trace} from "../../alerts/incident.ts";
import {ToldIncidents} from "../../alerts/told.ts";

/** A generator of the same numbers for the same seed (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

it("finds by its keys what comparing with every incident finds", () => {
  const seed = 20_261_121;
  const below = numbers(seed);
  const host = () => [null, "10.0.0.1", "10.0.0.2", "10.0.0.3"][below(4)];
  const trace = (): Trace => {
    const from = below(1000);
    return {rule: ["port_scan", "syn_flood"][below(2)], src: host(), dst: host(), from, to: from + below(50)};
  };
  for (let k = 0; k < 300; k++) {
    const known = Array.from({length: 6}, trace);
    const told = new ToldIncidents(known, 20, 100);
    const incident = trace();
    const expected = known.map((one) => (goesOn(one, incident, 20) ? one : null)).filter((one) => one !== null);
    expect([seed, k, told.join(incident)]).toEqual([seed, k, expected.length > 0]);
    const longer = known.map((one) =>
      expected.includes(one)
        ? {...one, from: Math.min(one.from, incident.from), to: Math.max(one.to, incident.to)}
        : one
    );
    expect(told.list()).toEqual(longer);
  }
});

it("forgets the oldest beyond its limit", () => {
  const trace = (i: number): Trace => ({rule: "port_scan", src: `10.0.0.${i}`, dst: null, from: i, to: i});
  const told = new ToldIncidents([1, 2, 3, 4].map(trace), 0, 3);
  expect(told.list().map(({src}) => src)).toEqual(["10.0.0.2", "10.0.0.3", "10.0.0.4"]);
  expect([told.join(trace(1)), told.join(trace(2))]).toEqual([false, true]);
});
