import {describe, expect, it} from "vitest";
import {Random} from "../../fuzz/random.ts";
import {openUnits} from "./core/units.ts";

type Flow = readonly [from: string, to: string, start: number];

const units = await openUnits();
const seed = Number(process.env.FLOWBOOK_SEED ?? 1);

/** Bytes of an address: of IPv4 in dotted decimal, of IPv6 with all its digits. */
const addressBytes = (text: string): Uint8Array =>
  text.includes(":") ? Buffer.from(text.replaceAll(":", ""), "hex") : Uint8Array.from(text.split("."), Number);

const versionOf = (text: string) => (text.includes(":") ? 6 : 4);

/** The core's names, which begin anew. */
class Names {
  constructor(limit: number) {
    units.core.openHeap();
    units.core.openDictionary();
    units.core.openNames(limit);
  }

  get forgotten(): number {
    return units.core.forgottenNames();
  }

  note(client: string, name: string, addresses: readonly string[], ts: number, ttlSeconds: number): void {
    const bytes = Buffer.from(name);
    for (const address of addresses) {
      units.begin();
      const [of, to, at] = [addressBytes(client), addressBytes(address), bytes].map((part) => units.put(part));
      units.core.noteName(of, versionOf(client), to, versionOf(address), at, bytes.length, ts, ttlSeconds);
    }
  }

  /** Names of finished flows, of which only addresses and times are asked. */
  of(...rows: readonly Flow[]): (string | null)[] {
    for (const [row, [from, to, start]] of rows.entries()) {
      units.begin();
      // Of IPv4 addresses four bytes count only.
      const [source, destination] = [from, to].map((text) => {
        const bytes = Buffer.alloc(16, row);
        bytes.set(addressBytes(text));
        return units.put(bytes);
      });
      units.core.putFlow(row, versionOf(from), source, destination, start);
    }
    const codes = new Int32Array(units.bytes.buffer, units.core.lookUp(rows.length), rows.length);
    const texts = units.texts();
    expect(new Set(texts).size).toBe(texts.length);
    return Array.from(codes, (code) => (code < 0 ? null : texts[code]));
  }
}

const [client, other, server] = ["10.0.0.1", "10.0.0.2", "192.0.2.80"];
const v6 = "20010db8:00000000:00000000:00000001";
const hour = 3600e6;

describe("names looked up before", () => {
  it("belong to the client that asked, from the answer on", () => {
    const names = new Names(10);
    expect(names.of([client, server, 1000])).toEqual([null]);
    names.note(client, "www.example", [server, v6], 1000, 60);
    expect(names.of([client, server, 1000], [client, server, 999], [other, server, 2000])).toEqual([
      "www.example",
      null,
      null
    ]);
    names.note(v6, "six.example", [v6], 1000, 60);
    expect(names.of([v6, v6, 1001], [client, server, 1001], [client, "192.0.2.81", 1001])).toEqual([
      "six.example",
      "www.example",
      null
    ]);
    // The addresses whose bytes those of the IPv6 address begin with.
    expect(names.of([client, "32.1.13.184", 1001], ["32.1.13.184", "32.1.13.184", 1001])).toEqual([null, null]);
  });

  it("tell addresses of either version apart where their bytes are the same", () => {
    const [v4, prefix] = ["32.1.13.184", "20010db8:00000000:00000000:00000000"];
    for (const [from, to] of [
      [v4, prefix],
      [prefix, v4]
    ]) {
      const names = new Names(10);
      names.note(from, "www.example", [to], 1000, 60);
      expect(names.of([prefix, prefix, 1001], [v4, v4, 1001])).toEqual([null, null]);
    }
  });

  it("hold for an hour, for their TTL where it is longer, and for a day at most", () => {
    const names = new Names(10);
    names.note(client, "short.example", [server], 0, 5);
    names.note(client, "long.example", ["192.0.2.2"], 0, 7200);
    names.note(client, "ever.example", ["192.0.2.3"], 0, 0xffffffff);
    const at = (to: string, ts: number) => names.of([client, to, ts])[0];
    expect([at(server, hour), at(server, hour + 1)]).toEqual(["short.example", null]);
    expect([at("192.0.2.2", 2 * hour), at("192.0.2.2", 2 * hour + 1)]).toEqual(["long.example", null]);
    expect([at("192.0.2.3", 24 * hour), at("192.0.2.3", 24 * hour + 1)]).toEqual(["ever.example", null]);
  });

  it("are those of the flow's beginning, where another name came meanwhile", () => {
    const names = new Names(10);
    names.note(client, "first.example", [server], 100, 60);
    names.note(client, "second.example", [server], 200, 60);
    names.note(client, "first.example", [server], 300, 60);
    const at = (ts: number) => names.of([client, server, ts])[0];
    expect([at(50), at(150), at(250), at(350)]).toEqual([null, "first.example", "second.example", "first.example"]);
  });

  it("are sixteen earlier ones of a pair at most", () => {
    const names = new Names(10);
    for (let i = 0; i < 20; i++) names.note(client, `${i}.example`, [server], i * 10, 60);
    const found = Array.from({length: 20}, (_, i) => names.of([client, server, i * 10 + 5])[0]);
    expect(found).toEqual(Array.from({length: 20}, (_, i) => (i < 3 ? null : `${i}.example`)));
  });

  it("are forgotten, and counted, where there are too many: those answered longest ago first", () => {
    const names = new Names(2);
    names.note(client, "a.example", ["192.0.2.1"], 1, 60);
    names.note(client, "b.example", ["192.0.2.2"], 2, 60);
    names.note(client, "a.example", ["192.0.2.1"], 90e6, 60);
    names.note(client, "c.example", ["192.0.2.3"], 91e6, 60);
    const to = (end: number): Flow => [client, `192.0.2.${end}`, 92e6];
    expect(names.of(to(1), to(2), to(3))).toEqual(["a.example", null, "c.example"]);
    expect(names.forgotten).toBe(1);
  });

  it("are what a list of all answers tells, whatever comes and goes", () => {
    const random = new Random(seed);
    const limit = 700;
    const names = new Names(limit);
    /** By client and address, in the order of when they were put last: when that was, and the answers. */
    const pairs = new Map<string, {placed: number; answers: {name: string; from: number; until: number}[]}>();
    let forgotten = 0;
    let ts = 0;
    const pair = () => [`10.0.0.${random.below(8)}`, `192.0.2.${random.below(250)}`] as const;
    for (let round = 0; round < 20_000; round++) {
      ts += random.below(random.chance(0.01) ? hour : 1e6);
      const [from, to] = pair();
      const [name, ttl] = [`${random.below(3)}.example`, random.of([0, 5, 4000, 100_000])];
      names.note(from, name, [to], ts, ttl);
      const until = ts + Math.min(Math.max(ttl * 1e6, hour), 24 * hour);
      const known = pairs.get(`${from} ${to}`) ?? {placed: ts, answers: []};
      if (ts - known.placed > 60e6) {
        pairs.delete(`${from} ${to}`);
        known.placed = ts;
      }
      const last = known.answers.at(-1);
      if (last?.name === name && ts <= last.until) last.until = Math.max(last.until, until);
      else known.answers.push({name, from: ts, until});
      if (known.answers.length > 17) known.answers.shift();
      if (!pairs.has(`${from} ${to}`) && pairs.size === limit) {
        pairs.delete(pairs.keys().next().value!);
        forgotten++;
      }
      pairs.set(`${from} ${to}`, known);
      if (round % 10 > 0) continue;
      const rows = Array.from({length: 20}, (): Flow => [...pair(), ts + 1e6 - random.below(3 * hour)]);
      const expected = rows.map(([from, to, start]) => {
        const answer = pairs.get(`${from} ${to}`)?.answers.findLast((answer) => answer.from <= start);
        return answer && start <= answer.until ? answer.name : null;
      });
      expect([seed, round, names.of(...rows)]).toEqual([seed, round, expected]);
    }
    expect([seed, names.forgotten]).toEqual([seed, forgotten]);
    expect(forgotten).toBeGreaterThan(1000);
  });
});
