import {randomInt} from "node:crypto";
import {describe, expect, it} from "vitest";
import type {DissectionOptions} from "../../../capture/dissect/dissection.ts";
import type {Payload} from "../../../capture/meter/meter.ts";
import {textsOf} from "../../../capture/partitions/texts-of.ts";
import type {CodedTextColumn} from "../../../schema/rows.ts";
import {Conversation, type RecordRow, rowsOf} from "./conversation.ts";
import {coreFor, OfferingDissection} from "./offering/offering-dissection.ts";

/** A payload of a flow of its own. */
const payload = (slot: number, content: string, change: Partial<Payload> = {}): Payload => {
  const bytes = Buffer.from(content, "latin1");
  return {
    slot,
    flowHi: 0,
    flowLo: slot,
    direction: 0,
    proto: 6,
    ts: 1e15,
    bytes,
    start: 0,
    end: bytes.length,
    cut: 0,
    streamOffset: 0,
    srcPort: 40000,
    dstPort: 80,
    ...change
  };
};

const core = coreFor(8192);
const address = Uint8Array.of(192, 0, 2, 1);

/** A dissection, with which the one before ends; payloads and ends of flows go in by `send` and `end`. */
function dissection(options: Partial<Omit<DissectionOptions, "core">> = {}) {
  const made = new OfferingDissection({captureSha256: "c0ffee", core, ...options});
  return Object.assign(made, {
    send: (sent: Payload) => made.offer(sent, [address, address]),
    end: (slot: number, row: number, continuedIn = -1) =>
      made.offerEnd(payload(slot, ""), row, continuedIn, [address, address])
  });
}

/** Texts of a column's rows. */
const texts = (column: CodedTextColumn) => Array.from(column.codes, (code) => textsOf(column)[code] ?? null);

describe("a dissection", () => {
  it("asks for no more than eight payloads of a flow it does not know", () => {
    const flow = new Conversation(17, [40000, 40001]);
    for (let i = 0; i < 7; i++) expect(flow.send(0, "nothing known").wanted).toBe(true);
    expect(flow.send(0, "nothing known").wanted).toBe(false);
    expect(flow.end()).toEqual({service: null, server_name: null, ja4: null});
  });

  it("keeps the names of a flow that the active timeout cut for the one that continues it", () => {
    const both = dissection();
    both.send(payload(4, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"));
    both.end(4, 0, 7);
    both.send(payload(7, "in the middle"));
    both.end(7, 1, 4);
    both.end(4, 2, -1);
    both.end(4, 3, -1);
    const {service, server_name} = both.takeColumns(4);
    expect([texts(service), texts(server_name)]).toEqual([
      ["http", "http", "http", null],
      ["a.example", "a.example", "a.example", null]
    ]);
    expect(textsOf(server_name)).toEqual(["a.example"]);
  });

  it("asks for no more of a transport it does not read", () => {
    expect(dissection().send(payload(0, "GET / HTTP/1.1\r\n\r\n", {proto: 47}))).toBe(false);
  });

  it("looks at the beginning of a direction only, over TCP", () => {
    const flow = new Conversation(6, [40000, 80])
      .send(0, "binary\0\0 and so on, much more")
      .send(0, "GET / HTTP/1.1\r\n\r\n");
    expect(flow.end().service).toBeNull();
  });

  it("recognises what a direction says behind an unknown one", () => {
    const flow = new Conversation(6, [40000, 80]).send(1, "220 welcome to nothing we know\r\n").send(0, "EHLO x\r\n");
    expect(flow.end().service).toBe("smtp");
  });

  it("puts the columns of a slot's flow into the row it ended as, and forgets it", () => {
    const d = dissection();
    d.send(payload(5000, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    d.send(payload(1, "SSH-2.0-x\r\n"));
    d.end(1, 700);
    d.end(5000, 2);
    d.end(5000, 3);
    const columns = d.takeColumns(701);
    const [service, serverName] = [texts(columns.service), texts(columns.server_name)];
    expect([service[2], service[700], service[3]]).toEqual(["http", "ssh", null]);
    expect([serverName.length, serverName[2], serverName[700]]).toEqual([701, "a", null]);
    expect([...d.takeColumns(3).service.codes]).toEqual([-1, -1, -1]);
  });

  it("recognises but does not read flows beyond its limit, and counts them", () => {
    const d = dissection({maxFlows: 1});
    const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    expect(d.send(payload(0, get))).toBe(true);
    expect(d.send(payload(1, get))).toBe(false);
    d.end(0, 0);
    d.end(1, 1);
    expect(d.send(payload(0, get))).toBe(true);
    const {service} = d.takeColumns(2);
    expect(texts(service)).toEqual(["http", "http"]);
    expect([d.counters.unreadFlows, d.waitingRows]).toEqual([1, 1]);
  });

  it("holds no more bytes for all flows together than it may, and gives them back", () => {
    const d = dissection({maxHeldBytes: 100});
    const half = `GET /${"x".repeat(60)}`;
    for (let round = 0; round < 3; round++) {
      expect(d.send(payload(0, half))).toBe(true);
      d.send(payload(1, half));
      expect(d.counters.givenUp).toBe(round + 1);
      d.end(0, 0);
      d.end(1, 1);
    }
  });

  it("drops and counts rows that nobody takes", () => {
    const d = dissection({maxRows: 10});
    for (let slot = 0; slot < 15; slot++) {
      d.send(payload(slot, "SSH-2.0-x\r\n"));
      d.end(slot, slot);
    }
    const [batch] = d.takeRecords();
    expect([batch.rows, d.counters.droppedRows]).toEqual([10, 5]);
  });

  it("never throws, whatever the bytes, and holds nothing when its flows have ended", () => {
    const seed = Number(process.env.FLOWBOOK_SEED ?? randomInt(2 ** 31));
    console.info(`seed ${seed} (set FLOWBOOK_SEED to repeat)`);
    let state = seed;
    const random = (n: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return Math.floor((state / 2 ** 31) * n);
    };
    const beginnings = [
      "GET / HTTP/1.1\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n",
      "\x16\x03\x01\0\x50\x01\0\0\x4c\x03\x03",
      "\x16\x03\x03\0\x30\x02\0\0\x2c\x03\x03",
      "SSH-2.0-",
      "\0\x01\x01\0\0\x01\0\0\0\0\0\0\x03abc\0\0\x01\0\x01",
      "\0\x01\x81\x80\0\x01\0\x05\0\0\0\0\x03abc\0\0\x41\0\x01\xc0\x0c",
      "\0\x20\0\x01\x01\0\0\x01",
      "220 x ESMTP\r\n",
      "\x05\x01\0",
      ""
    ];
    for (let run = 0; run < 4000; run++) {
      const flow = new Conversation(random(3) ? 6 : 17, [40000, [53, 80, 443, 5353][random(4)]]);
      let offset = 0;
      for (let i = random(6); i >= 0; i--) {
        const noise = String.fromCharCode(
          ...Array.from({length: random(120)}, () => (random(2) ? random(8) * random(10) : random(256)))
        );
        const content = (random(2) ? beginnings[random(beginnings.length)] : "") + noise;
        flow.send(random(4) ? 0 : 1, content, Math.max(0, offset + (random(3) ? 0 : random(60) - 30)));
        offset += content.length;
      }
      flow.end();
      expect([seed, flow.dissection.heldBytes]).toEqual([seed, 0]);
    }
  });
});

describe("a table of records", () => {
  it("keeps identifiers, texts and numbers past its first room, then begins anew", () => {
    const d = dissection();
    const others = {
      auth_failures: null,
      auth_guess: null,
      client_algorithms: null,
      hassh: null,
      hassh_server: null,
      server_algorithms: null
    };
    const take = () => rowsOf(d.takeRecords().find(({table}) => table === "ssh")!);
    const add = (slot: number, direction: 0 | 1, change: Partial<Payload>, banner: string) => {
      const sent = payload(slot, `SSH-2.0-${banner}\r\n`, {direction, ...change});
      d.send(sent);
      d.offerEnd(sent, slot, -1, [address, address]);
    };
    for (let i = 0; i < 600; i++) add(i, 0, {flowHi: -1, flowLo: i, ts: 1e15 + i}, `client ${i % 7}`);
    const rows = take();
    expect(rows.length).toBe(600);
    expect(rows[599]).toEqual({
      flow_id: (-1n << 32n) | 599n,
      capture_sha256: "c0ffee",
      ts: 1e15 + 599,
      client_banner: "SSH-2.0-client 4",
      server_banner: null,
      ...others
    });
    expect(d.takeRecords()).toEqual([]);
    add(3, 1, {flowHi: 1, flowLo: 2}, "server");
    expect(take()).toEqual([
      {
        flow_id: (1n << 32n) | 2n,
        capture_sha256: "c0ffee",
        ts: 1e15,
        client_banner: null,
        server_banner: "SSH-2.0-server",
        ...others
      }
    ]);
  });
});

describe("parsers that read one flow after another", () => {
  it("tell of each what they tell of it alone", () => {
    const request = (name: string) => `GET /${name} HTTP/1.1\r\nHost: ${name}.example\r\nUser-Agent: a\r\n\r\n`;
    const query = (name: string) => `\0\x07\x01\0\0\x01\0\0\0\0\0\0\x01${name}\0\0\x01\0\x01`;
    const d = dissection();
    const records: unknown[] = [];
    const shown = (row: RecordRow) =>
      Object.entries(row)
        .filter(([name, value], i) => i > 2 && value !== null && name !== "version")
        .map(([, value]) => value);
    for (const name of ["a", "b", "c"]) {
      d.send(payload(1, request(name)));
      d.send(payload(2, `SSH-2.0-${name}\r\n`));
      d.send(payload(3, query(name), {proto: 17, dstPort: 53}));
      for (const slot of [1, 2, 3]) d.end(slot, slot);
      for (const batch of d.takeRecords()) records.push(...rowsOf(batch).map((row) => shown(row)));
    }
    expect(records).toEqual(
      ["a", "b", "c"].flatMap((name) => [
        ["192.0.2.1", "192.0.2.1", 7, name, 1, "A"],
        ["GET", `${name}.example`, `/${name}`, "a"],
        [`SSH-2.0-${name}`]
      ])
    );
    expect(d.heldBytes).toBe(0);
  });
});
