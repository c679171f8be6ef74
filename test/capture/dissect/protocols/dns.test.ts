import {describe, expect, it} from "vitest";
import {Conversation} from "../conversation.ts";
import {openUnits} from "../core/units.ts";

const units = await openUnits();

const u16 = (...values: number[]) => Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
const name = (text: string) =>
  Buffer.concat([
    ...text.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label, "latin1")])),
    Buffer.from([0])
  ]);

/** A message with one question and the given answers. */
const message = (id: number, flags: number, query: string, qtype: number, answers: readonly Uint8Array[] = []) =>
  Buffer.concat([u16(id, flags, 1, answers.length, 0, 0), name(query), u16(qtype, 1), ...answers]);

/** An answer whose owner is the question's name. */
const answer = (type: number, data: Uint8Array) => Buffer.concat([u16(0xc00c, type, 1, 0, 60, data.length), data]);

const row = {
  flow_id: (-2n << 32n) | 5n,
  capture_sha256: "c0ffee",
  client_ip: "192.0.2.1",
  server_ip: "198.51.100.2",
  transaction_id: 7,
  rcode: null,
  answers: null,
  rtt_us: null
};

describe("DNS", () => {
  it("joins a query and its answer by id, with the time between", () => {
    const flow = new Conversation(17, [40000, 53]);
    flow.send(0, message(7, 0x0100, "www.example.org", 1));
    flow.send(
      1,
      message(7, 0x8180, "www.example.org", 1, [
        answer(5, Buffer.from([3, 97, 98, 99, 0xc0, 0x10])),
        answer(1, Buffer.from([192, 0, 2, 9]))
      ])
    );
    expect(flow.end()).toEqual({service: "dns", server_name: null, ja4: null});
    expect(flow.records).toEqual({
      dns: [
        {
          ...row,
          ts: 1_700_000_000_001_000,
          query: "www.example.org",
          qtype: 1,
          qtype_name: "A",
          rcode: 0,
          answers: '["abc.example.org","192.0.2.9"]',
          rtt_us: 1000
        }
      ]
    });
  });

  it("takes an error that is a header alone at its port, and queries of a kind that does not exist", () => {
    const flow = new Conversation(17, [40000, 53]).send(0, Buffer.from("no query")).send(1, u16(7, 0x8081, 0, 0, 0, 0));
    flow.send(0, message(8, 0x4900, "a.example", 1)).send(1, message(8, 0xc805, "a.example", 1));
    expect(flow.end().service).toBe("dns");
    expect(flow.records.dns!.map(({query, rcode}) => [query, rcode])).toEqual([
      [null, 1],
      ["a.example", 5]
    ]);
    expect(new Conversation(17, [40000, 5300]).send(1, u16(7, 0x8081, 0, 0, 0, 0)).end().service).toBeNull();
  });

  it("writes a query without an answer when the flow ends, and an answer without a query at once", () => {
    const flow = new Conversation(17, [40000, 53]);
    flow.send(0, message(7, 0x0100, "a.example.org", 28));
    flow.send(1, message(8, 0x8183, "b.example.org", 28)).take();
    expect(flow.records.dns).toEqual([
      {
        ...row,
        transaction_id: 8,
        ts: 1_700_000_000_002_000,
        query: "b.example.org",
        qtype: 28,
        qtype_name: "AAAA",
        rcode: 3,
        answers: "[]"
      }
    ]);
    flow.end();
    expect(flow.records.dns![1]).toEqual({
      ...row,
      ts: 1_700_000_000_001_000,
      query: "a.example.org",
      qtype: 28,
      qtype_name: "AAAA"
    });
  });

  it("keeps at most 32 open queries of a flow", () => {
    const flow = new Conversation(17, [40000, 53]);
    for (let id = 0; id < 40; id++) flow.send(0, message(id, 0x0100, "example.org", 1));
    expect(flow.take().records.dns!.map((query) => query.transaction_id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("writes multicast queries at once, as their answers come in other flows", () => {
    const flow = new Conversation(17, [5353, 5353]);
    flow.send(0, message(0, 0, "_ipp._tcp.local", 12)).take();
    expect(flow.records.dns!.map((query) => [query.query, query.qtype_name])).toEqual([["_ipp._tcp.local", "PTR"]]);
    expect(flow.end().service).toBe("mdns");
  });

  it("shows answers of every kind as a zone file does", () => {
    const texts: readonly (readonly [number, Uint8Array, string])[] = [
      [28, Buffer.from("20010db8000000000000000000000001", "hex"), "2001:db8::1"],
      // As flows write it, so that answers and flows can be joined by their addresses.
      [28, Buffer.from("00000000000000000000ffffc0000201", "hex"), "::ffff:192.0.2.1"],
      [15, Buffer.concat([u16(10), name("mail.example.org")]), "10 mail.example.org"],
      [16, Buffer.from([3, 97, 98, 99, 2, 100, 101]), "abcde"],
      [33, Buffer.concat([u16(1, 2, 5060), name("sip.example.org")]), "1 2 5060 sip.example.org"],
      [
        6,
        Buffer.concat([name("ns.example.org"), name("root.example.org"), u16(0, 1, 0, 2, 0, 3, 0, 4, 0, 5)]),
        "ns.example.org root.example.org 1 2 3 4 5"
      ],
      [
        65,
        Buffer.concat([
          u16(1),
          Buffer.from([0]),
          u16(1, 6),
          Buffer.from("\x02h3\x02h2", "latin1"),
          u16(4, 4),
          Buffer.from([192, 0, 2, 1])
        ]),
        "1 . alpn=h3,h2 ipv4hint=192.0.2.1"
      ],
      [999, Buffer.from([1, 2, 255]), "\\# 3 0102ff"],
      [1, Buffer.from([1, 2, 255]), "\\# 3 0102ff"]
    ];
    for (const [type, data, text] of texts) {
      const flow = new Conversation(17, [40000, 53]);
      flow.send(1, message(7, 0x8180, "example.org", type, [answer(type, data)])).take();
      expect(flow.records.dns!.map((found) => found.answers)).toEqual([JSON.stringify([text])]);
    }
  });

  it("over TCP is put together from its segments, in whatever order they come", () => {
    const query = message(7, 0x0100, "www.example.org", 1);
    const reply = message(7, 0x8180, "www.example.org", 1, [answer(1, Buffer.from([192, 0, 2, 9]))]);
    const stream = (bytes: Buffer) => Buffer.concat([u16(bytes.length), bytes]);
    for (let cut = 1; cut < reply.length; cut++) {
      const flow = new Conversation(6, [40000, 53]);
      const twice = Buffer.concat([stream(query), stream(message(8, 0x0100, "b.example.org", 1))]);
      flow.send(0, twice.subarray(0, 40)).send(0, twice.subarray(40));
      const bytes = stream(reply);
      flow.send(1, bytes.subarray(cut), cut).send(1, bytes.subarray(0, cut), 0).send(1, bytes.subarray(0, cut), 0);
      expect(flow.end().service).toBe("dns");
      expect(flow.records.dns!.map(({transaction_id, answers}) => [transaction_id, answers])).toEqual([
        [7, '["192.0.2.9"]'],
        [8, null]
      ]);
    }
  });

  it("counts messages that run past their end and keeps what could be read", () => {
    const flow = new Conversation(17, [40000, 53]);
    flow.send(1, message(7, 0x8180, "example.org", 1, [answer(1, Buffer.from([192, 0, 2, 9]))]).subarray(0, -2)).take();
    expect(flow.records.dns!.map(({query, answers}) => [query, answers])).toEqual([["example.org", "[]"]]);
    expect(flow.dissection.counters.malformed).toBe(1);
  });
});

describe("a name in a DNS message", () => {
  /** The name at `at`, null where it is refused; and where it ends. */
  const readTo = (bytes: readonly number[], at = 0): [string | null, number] => {
    const {core, out} = units.begin();
    const start = units.put(Uint8Array.from(bytes));
    const end = core.appendName(start, start + bytes.length, start + at, out);
    return [end === 0 ? null : units.get(out, end - out).toString("latin1"), core.nameEnd() - start];
  };
  const read = (bytes: readonly number[], at = 0) => readTo(bytes, at)[0];

  it("is escaped where it is not printable", () => {
    expect(read([4, 0x61, 0x2e, 0x5c, 0x07, 2, 0xe4, 0x20, 0])).toBe("a\\.\\\\\\007.\\228\\032");
    expect(read([0])).toBe(".");
  });

  it("is refused where pointers loop or lead forwards, or where it is too long", () => {
    expect(read([0xc0, 0])).toBeNull();
    expect(read([1, 97, 0xc0, 0])).toBeNull();
    expect(read([0xc0, 2, 0xc0, 0], 2)).toBeNull();
    expect(read([1, 97, 0, 1, 98, 0xc0, 0], 3)).toBe("b.a");
    expect(read([...Array.from({length: 128}, () => [1, 97]).flat(), 0])).toBeNull();
    expect(read([64, ...new Array(70).fill(97)])).toBeNull();
    expect(read([3, 97, 98])).toBeNull();
  });

  it("ends behind its first pointer, or behind the empty label", () => {
    expect(readTo([1, 97, 0, 1, 98, 0xc0, 0, 9, 9], 3)).toEqual(["b.a", 7]);
    expect(readTo([1, 97, 1, 98, 0, 9, 9])).toEqual(["a.b", 5]);
    expect(readTo([2, 97, 97, 0, 0xc0, 0, 1, 99, 0xc0, 4], 6)).toEqual(["c.aa", 10]);
  });

  it("may have 255 bytes, and four characters for each", () => {
    const label = [63, ...new Array(63).fill(7)];
    const longest = [...label, ...label, ...label, 61, ...new Array(61).fill(7), 0];
    const written = [63, 63, 63, 61].map((length) => "\\007".repeat(length)).join(".");
    expect(read(longest)).toBe(written);
    expect(read([...label, ...label, ...label, 63, ...new Array(63).fill(7), 0])).toBeNull();
  });
});
