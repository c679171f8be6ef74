import {createHash} from "node:crypto";
import {connect, createServer, type OutgoingHttpHeaders} from "node:http2";
import {Duplex} from "node:stream";
import {beforeAll, describe, expect, it} from "vitest";
import {Conversation, type RecordRow} from "../conversation.ts";
import {connection} from "../made-connection.ts";
import {dissectPackets} from "../metered.ts";

/** Bytes that one side of a connection wrote at once. */
interface Written {
  readonly side: 0 | 1;
  readonly bytes: Buffer;
}

/** What Node's client and server say to one another in the clear, with requests one after another. */
async function spoken(requests: readonly {headers: OutgoingHttpHeaders; body?: Buffer}[]): Promise<Written[]> {
  const written: Written[] = [];
  const ends: Duplex[] = [];
  for (const side of [0, 1] as const)
    ends.push(
      new Duplex({
        read() {},
        write(bytes: Buffer, _encoding, done) {
          written.push({side, bytes: Buffer.from(bytes)});
          ends[1 - side].push(bytes);
          done();
        },
        final(done) {
          ends[1 - side].push(null);
          done();
        }
      })
    );
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const length = Buffer.concat(chunks).length;
      const answer = Buffer.alloc(20_000, `answer to ${request.url} `);
      response.writeHead(request.url === "/none" ? 404 : 200, {
        "content-type": "text/plain",
        server: "unit/2",
        ...(request.method === "POST" ? {location: "/made/1?of=load"} : {}),
        "content-length": answer.length,
        "x-length": length
      });
      response.end(answer);
    });
  });
  server.emit("connection", ends[1]);
  const client = connect("http://h2.example:8080", {createConnection: () => ends[0]});
  for (const {headers, body} of requests)
    await new Promise<void>((resolve, reject) => {
      const stream = client.request(headers, {endStream: body === undefined});
      stream.on("error", reject);
      stream.on("close", resolve);
      stream.resume();
      if (body) stream.end(body);
    });
  await new Promise<void>((resolve) => client.close(resolve));
  return written;
}

const body = Buffer.alloc(40_000, "uploaded ");
const requests = [
  {
    headers: {
      ":path": "/first?a=b",
      "user-agent": "unit/1 (~|^`{}<>)",
      referer: "http://h2.example/from",
      cookie: "a=b"
    }
  },
  {
    headers: {
      ":path": "/up/load.bin",
      ":method": "POST",
      "user-agent": "unit/1 (~|^`{}<>)",
      "content-type": "text/x-up"
    },
    body
  },
  {headers: {":path": "/none", "user-agent": "unit/1 (~|^`{}<>)", authorization: "Basic YW5uOnNlY3JldA=="}},
  {headers: {":path": "/first?a=b", "user-agent": "unit/2", "x-forwarded-for": "10.9.9.9"}}
];

const brief = ({method, host, uri, user_agent, status, version}: RecordRow) => [
  version,
  method,
  host,
  uri,
  user_agent,
  status
];
/** Of the requests above. */
const rows = [
  ["2", "GET", "h2.example:8080", "/first?a=b", "unit/1 (~|^`{}<>)", 200],
  ["2", "POST", "h2.example:8080", "/up/load.bin", "unit/1 (~|^`{}<>)", 200],
  ["2", "GET", "h2.example:8080", "/none", "unit/1 (~|^`{}<>)", 404],
  ["2", "GET", "h2.example:8080", "/first?a=b", "unit/2", 200]
];
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const answer = (uri: string) => Buffer.alloc(20_000, `answer to ${uri} `);

describe("HTTP/2", () => {
  let written: Written[] = [];
  beforeAll(async () => {
    written = await spoken(requests);
  });

  const said = (parts: readonly Written[], cut?: number) => {
    const flow = new Conversation(6, [40_000, 8080]);
    for (const [i, {side, bytes}] of parts.entries()) {
      // What tells the protocol is not cut.
      const length = i < 4 ? bytes.length : (cut ?? bytes.length);
      for (let at = 0; at < bytes.length; at += length) flow.send(side, bytes.subarray(at, at + length));
    }
    const columns = flow.end();
    expect(flow.dissection.heldBytes).toBe(0);
    return {flow, columns, http: flow.records.http ?? [], files: flow.records.files ?? []};
  };

  it("has a row for each request with its response, and their bodies are files, however its bytes are cut", () => {
    for (const cut of [undefined, 1400, 7]) {
      const {columns, http, files, flow} = said(written, cut);
      expect(columns).toEqual({service: "http2", server_name: "h2.example", ja4: null});
      expect(http.map(brief)).toEqual(rows);
      expect(http[0]).toMatchObject({
        referer: "http://h2.example/from",
        server: "unit/2",
        content_type: "text/plain",
        content_length: 20_000
      });
      expect(http[1]).toMatchObject({request_type: "text/x-up", request_length: null});
      expect(http.map(({location}) => location)).toEqual([null, "/made/1?of=load", null, null]);
      expect(http[2].user).toBe("ann");
      expect(http[3].forwarded_for).toBe("10.9.9.9");
      expect(files.map(({sent_by, name, size, complete, sha256}) => [sent_by, name, size, complete, sha256])).toEqual([
        ["responder", "first", 20_000, 1, sha256(answer("/first?a=b"))],
        ["originator", "load.bin", 40_000, 1, sha256(body)],
        ["responder", "load.bin", 20_000, 1, sha256(answer("/up/load.bin"))],
        ["responder", "none", 20_000, 1, sha256(answer("/none"))],
        ["responder", "first", 20_000, 1, sha256(answer("/first?a=b"))]
      ]);
      expect(flow.dissection.counters).toMatchObject({malformed: 0, gaps: 0, givenUp: 0});
    }
  });

  it("goes on behind missing bytes, with the fields that are known", async () => {
    const packets = (lost: number[]) =>
      connection(
        written.map(({side, bytes}) => [side, bytes]),
        {lost}
      );
    const place = (holds: (bytes: Buffer) => boolean) => [
      written.findIndex(({side, bytes}) => side === 0 && holds(bytes))
    ];
    // Some of the body that the client sends.
    const body = await dissectPackets(packets(place((bytes) => bytes.includes("uploaded"))));
    expect(body.records.http!.map(brief)).toEqual(rows);
    expect(body.records.files!.map(({size, complete}) => [size, complete])).toEqual([
      [20_000, 1],
      [40_000 - 16_384, 0],
      [20_000, 1],
      [20_000, 1],
      [20_000, 1]
    ]);
    expect(body.counters).toMatchObject({gaps: 1, malformed: 0});
    // The head of its second request: of a response is then told what it is, and of later requests what they say anew.
    const head = await dissectPackets(packets(place((bytes) => bytes[3] === 1 && bytes[8] === 3)));
    expect(head.records.http!.map(brief)).toEqual([
      rows[0],
      ["2", null, null, null, null, 200],
      ["2", "GET", null, "/none", null, 404],
      ["2", "GET", null, "/first?a=b", "unit/2", 200]
    ]);
    expect(head.records.files!.map(({sent_by, size, complete}) => [sent_by, size, complete])).toEqual(
      Array(4).fill(["responder", 20_000, 1])
    );
    expect(head.counters).toMatchObject({gaps: 1, malformed: 0});
    expect(head.heldBytes + body.heldBytes).toBe(0);
  });

  /** A frame. */
  const frame = (type: number, flags: number, stream: number, content: number[]) =>
    Buffer.from([0, content.length >> 8, content.length & 255, type, flags, 0, 0, 0, stream, ...content]);
  const literal = (text: string) => [text.length, ...Buffer.from(text)];
  const added = (index: number, value: string) => [0x40 | index, ...literal(value)];
  const preface = Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame(4, 0, 0, [])]);
  // :method GET, :scheme http, :path /, and :authority added to the table; then the same by its index.
  const first = frame(1, 5, 1, [0x82, 0x86, 0x84, ...added(1, "a.example")]);
  const second = frame(1, 5, 3, [0x82, 0x86, 0x84, 0xbe]);
  const third = frame(1, 5, 5, [0x82, 0x86, 0x84, ...added(1, "b.example")]);
  const fourth = frame(1, 5, 7, [0x82, 0x86, 0x84, 0xbe]);

  it("does not guess fields that refer to missing ones", () => {
    const flow = new Conversation(6, [40_000, 80]);
    const all = [preface, first, second, third, fourth];
    let at = 0;
    for (const part of all) {
      if (part !== first) flow.send(0, part, at);
      at += part.length;
    }
    flow.end();
    expect(flow.records.http!.map(({method, uri, host}) => [method, uri, host])).toEqual([
      ["GET", "/", null],
      ["GET", "/", "b.example"],
      ["GET", "/", "b.example"]
    ]);
    expect(flow.dissection.counters).toMatchObject({gaps: 1, malformed: 0});
  });

  it("tells by which error a request without response was given up", () => {
    const errors = (...parts: readonly (readonly [0 | 1, Buffer])[]) => {
      const flow = new Conversation(6, [40_000, 80]);
      flow.send(0, preface);
      for (const request of [first, second, third]) flow.send(0, request);
      for (const [side, bytes] of parts) flow.send(side, bytes);
      flow.end();
      return flow.records.http!.map(({status, error}) => [status, error]);
    };
    const reset = (stream: number, code: number) => frame(3, 0, stream, [0, 0, 0, code]);
    const goAway = (last: number, code: number) => frame(7, 0, 0, [0, 0, 0, last, 0, 0, 0, code]);
    const settings = [1, frame(4, 0, 0, [])] as const;
    expect(errors(settings)).toEqual(Array(3).fill([null, null]));
    // Of one whose response came it is not told; the first word counts; a code without a name is a number.
    expect(
      errors(
        settings,
        [0, reset(1, 8)],
        [1, frame(1, 5, 1, [0x88])],
        [1, reset(3, 7)],
        [0, reset(3, 8)],
        [0, reset(5, 99)]
      )
    ).toEqual([
      [200, null],
      [null, "REFUSED_STREAM"],
      [null, "99"]
    ]);
    // A server that ends in peace does not do the streams behind the last one; one that ends by an error none.
    expect(errors(settings, [1, goAway(3, 0)])).toEqual([
      [null, null],
      [null, null],
      [null, "NO_ERROR"]
    ]);
    expect(errors(settings, [1, goAway(3, 11)])).toEqual(Array(3).fill([null, "ENHANCE_YOUR_CALM"]));
    expect(errors(settings, [0, goAway(0, 0)])).toEqual(Array(3).fill([null, null]));
  });

  it("keeps 4,096 bytes of a URI and 1,024 of another field, and counts what it cuts", () => {
    for (const beyond of [-1, 0, 1]) {
      const text = (limit: number) => `/${"x".repeat(limit - 2 + beyond)}y`;
      const kept = (limit: number) => text(limit).slice(0, limit);
      // A field of the static table, with a value longer than 127 bytes (RFC 7541 §5.1).
      const long = (index: number, limit: number) => {
        const value = Buffer.from(text(limit));
        const rest = value.length - 127;
        const first = index < 15 ? [index] : [15, index - 15];
        return [...first, 127, (rest & 127) | 128, rest >> 7, ...value];
      };
      const flow = new Conversation(6, [40_000, 80]).send(0, preface);
      flow.send(0, frame(1, 5, 1, [0x82, 0x86, ...long(4, 4096), ...long(51, 4096), ...long(58, 1024)]));
      flow.send(1, frame(4, 0, 0, []));
      flow.send(1, frame(1, 5, 1, [0x88, ...long(46, 4096), ...long(54, 1024)])).end();
      expect(
        flow.records.http!.map(({uri, referer, user_agent, location, server}) => [
          uri,
          referer,
          user_agent,
          location,
          server
        ])
      ).toEqual([[kept(4096), kept(4096), kept(1024), kept(4096), kept(1024)]]);
      expect(flow.dissection.counters.cutTexts).toBe(beyond > 0 ? 5 : 0);
    }
  });

  it("counts fields of no table, and blocks that end too soon, as malformed", () => {
    const flow = new Conversation(6, [40_000, 80]);
    flow
      .send(0, preface)
      .send(0, second)
      .send(0, frame(1, 5, 5, [0x82, 0x84, 0x41, 0x0a, 0x61]));
    flow.end();
    expect(flow.records.http!.map(({method, host}) => [method, host])).toEqual([
      ["GET", null],
      ["GET", null]
    ]);
    expect(flow.dissection.counters.malformed).toBe(2);
  });

  it("tells gRPC by the type of its messages, over CONTINUATION, padding and trailers", () => {
    const type = added(31, "application/grpc+proto");
    const flow = new Conversation(6, [40_000, 50_051]);
    flow.send(0, preface);
    flow.send(0, frame(1, 0, 1, [0x83, 0x86, ...added(4, "/pkg.Greeter/Hello")]));
    flow.send(0, frame(9, 4, 1, [...added(1, "g.example"), ...type]));
    flow.send(0, frame(0, 9, 1, [3, ...Buffer.from("\0\0\0\0\u0002hi"), 0, 0, 0]));
    flow.send(1, frame(4, 0, 0, []));
    flow.send(1, frame(1, 4 | 32, 1, [0, 0, 0, 0, 9, 0x88, ...type]));
    flow.send(1, frame(0, 0, 1, [...Buffer.from("\0\0\0\0\u0002ho")]));
    flow.send(1, frame(1, 5, 1, [0, ...literal("grpc-status"), ...literal("0")]));
    expect(flow.end()).toEqual({service: "http2", server_name: "g.example", ja4: null});
    expect(flow.inside).toBe("grpc");
    expect(
      flow.records.http!.map(({method, uri, status, content_type}) => [method, uri, status, content_type])
    ).toEqual([["POST", "/pkg.Greeter/Hello", 200, "application/grpc+proto"]]);
    expect(flow.records.files!.map(({sent_by, name, size, complete}) => [sent_by, name, size, complete])).toEqual([
      ["originator", "Hello", 7, 1],
      ["responder", "Hello", 7, 1]
    ]);
  });

  it("gives the request that turns the connection to HTTP/2 its response there", () => {
    const flow = new Conversation(6, [40_000, 80]);
    flow.send(
      0,
      "GET /up HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
    );
    const switched = Buffer.from("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    flow.send(1, Buffer.concat([switched, frame(4, 0, 0, []), frame(1, 4, 1, [0x8d])]));
    flow.send(0, preface).send(1, frame(0, 1, 1, [...Buffer.from("no such page")]));
    flow.send(0, frame(1, 5, 3, [0x82, 0x86, 0x84, ...added(1, "a.example")])).send(1, frame(1, 5, 3, [0x89]));
    expect(flow.end()).toMatchObject({service: "http", server_name: "a.example"});
    expect(flow.inside).toBe("http2");
    expect(flow.records.http!.map(brief)).toEqual([
      ["1.1", "GET", "a.example", "/up", null, 404],
      ["2", "GET", "a.example", "/", null, 204]
    ]);
    expect(flow.records.files!.map(({name, size, complete}) => [name, size, complete])).toEqual([["up", 12, 1]]);
    expect(flow.dissection.heldBytes).toBe(0);
  });

  it("is known by a server's settings where the client's preface is missing, and by no other zeros", () => {
    const flow = new Conversation(6, [40_000, 80]);
    flow.send(1, frame(4, 0, 0, [0, 3, 0, 0, 0, 100])).send(1, frame(1, 5, 1, [0x88]));
    expect(flow.end().service).toBe("http2");
    const alone = (side: 0 | 1, bytes: Buffer) => new Conversation(6, [40_000, 80]).send(side, bytes).end().service;
    expect(alone(1, frame(4, 0, 0, []))).toBe("http2");
    expect(alone(1, Buffer.concat([frame(4, 0, 0, []), Buffer.alloc(20)]))).toBe(null);
    expect(alone(1, frame(4, 0, 0, [0, 30, 0, 0, 0, 100]))).toBe(null);
    expect(alone(0, frame(4, 0, 0, [0, 3, 0, 0, 0, 100]))).toBe(null);
  });
});
