import {describe, expect, it} from "vitest";
import {Conversation} from "../conversation.ts";

const row = {
  flow_id: (-2n << 32n) | 5n,
  capture_sha256: "c0ffee",
  ts: 1_700_000_000_001_000,
  version: "1.1",
  method: "GET",
  host: "www.example.org",
  uri: "/",
  user_agent: null,
  referer: null,
  forwarded_for: null,
  user: null,
  request_type: null,
  request_length: null,
  expression_header: null,
  error: null,
  status: null,
  reason: null,
  content_type: null,
  content_length: null,
  server: null,
  location: null
};

const get = (uri: string, extra = "") => `GET ${uri} HTTP/1.1\r\nHost: www.example.org\r\n${extra}\r\n`;

const brief = (flow: Conversation) => (flow.records.http ?? []).map(({method, uri, status}) => [method, uri, status]);

describe("HTTP/1", () => {
  it("is known behind a keep-alive's byte, where the connection was met midway", () => {
    const flow = new Conversation(6, [40000, 80]).send(0, "\0").send(0, "GET /a HTTP/1.1\r\nHost: b\r\n\r\n");
    expect(flow.end().service).toBe("http");
    expect(flow.records.http).toMatchObject([{method: "GET", uri: "/a", host: "b"}]);
    const spaces = new Conversation(6, [40000, 80]).send(0, "GET         HTTP/1.1\r\nHost: b\r\n\r\n");
    spaces.send(0, "GET    /a b  HTTP/1.1\r\nHost: b\r\n\r\n").end();
    expect(spaces.records.http!.map(({uri}) => uri)).toEqual(["", "/a b "]);
    const cut = new Conversation(6, [40000, 80]).send(0, "GET /a.gif HTT", 0, 40).end();
    expect(cut.service).toBe("http");
    const split = new Conversation(6, [40000, 80]).send(0, "G").send(0, "ET /a HTTP/1.1\r\nHost: b\r\n\r\n");
    expect(split.end().service).toBe("http");
    expect(split.records.http).toMatchObject([{method: "GET", uri: "/a", host: "b"}]);
  });

  it("gives a request and its response in one row", () => {
    const flow = new Conversation(6, [40000, 80]);
    flow.send(
      0,
      "POST /a?b=c HTTP/1.1\r\nhost:www.example.org:8080\r\nUSER-AGENT:  unit/1 \r\nContent-Length: 5\r\n\r\nhello"
    );
    flow
      .send(
        1,
        "HTTP/1.1 404 Not Found\r\nServer: x\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 2\r\n\r\nno"
      )
      .take();
    expect(flow.records.http).toEqual([
      {
        ...row,
        method: "POST",
        host: "www.example.org:8080",
        uri: "/a?b=c",
        user_agent: "unit/1",
        request_length: 5,
        status: 404,
        reason: "Not Found",
        content_type: "text/html; charset=utf-8",
        content_length: 2,
        server: "x"
      }
    ]);
    expect(flow.end()).toEqual({service: "http", server_name: "www.example.org", ja4: null});
  });

  it("holds no length that a whole number cannot tell", () => {
    const flow = new Conversation(6, [40000, 80]);
    flow.send(0, get("/a")).send(1, "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\nx");
    flow.take();
    flow.end();
    expect(flow.records.http?.map(({status, content_length}) => [status, content_length])).toEqual([[200, null]]);
    expect(flow.records.files?.map(({size, declared_size}) => [size, declared_size])).toEqual([[1, null]]);
  });

  it("tells who asks, for whom and where from, and never the password", () => {
    const flow = new Conversation(6, [40000, 80]);
    const basic = (text: string) => Buffer.from(text).toString("base64");
    const ask = (...lines: string[]) => flow.send(0, get("/", lines.map((line) => `${line}\r\n`).join("")));
    ask(
      "Referer: http://a.example/?q=1",
      "X-Forwarded-For: 10.0.0.9, 10.0.0.8",
      `Authorization: Basic ${basic("ann:pass:word")}`
    );
    ask(`authorization: bAsIc  ${basic("böb:")}`, "Content-Type: text/plain", "Content-Length: 0");
    ask('Authorization: Digest qop=auth, realm="x", username="carl", nonce="y"');
    ask(`Proxy-Authorization: Basic ${basic("dora:x")}`, "Authorization: Bearer abc:def");
    ask(`Authorization: Basic ${basic("no colon, which may be a password")}`);
    ask(`Authorization: Basic ${basic(`${"x".repeat(256)}:y`)}`);
    flow.end();
    expect(flow.records.http!.map(({user}) => user)).toEqual(["ann", "böb", "carl", "dora", null, null]);
    expect(flow.records.http![0]).toMatchObject({
      referer: "http://a.example/?q=1",
      forwarded_for: "10.0.0.9, 10.0.0.8"
    });
    expect(flow.records.http![1]).toMatchObject({request_type: "text/plain", request_length: 0});
    expect(JSON.stringify(flow.records.http, (_, value) => (typeof value === "bigint" ? 0 : value))).not.toMatch(
      /pass|word/
    );
  });

  it("tells where a response leads, and takes no word of a request for it", () => {
    const flow = new Conversation(6, [40000, 80]);
    flow.send(0, get("/1", "Location: http://asked.example/\r\n") + get("/2") + get("/3"));
    flow.send(
      1,
      "HTTP/1.1 302 Found\r\nlocation:  https://login.example/in?to=%2F1 \r\nContent-Location: /x\r\nLocation: /second\r\nContent-Length: 0\r\n\r\n"
    );
    flow.send(1, "HTTP/1.1 201 Created\r\nLocation: ../made/2\r\nContent-Length: 0\r\n\r\n");
    flow.send(1, "HTTP/1.1 200 OK\r\nContent-Location: /3.en\r\nRefresh: 5; url=/later\r\nContent-Length: 0\r\n\r\n");
    flow.end();
    expect(flow.records.http!.map(({uri, status, location}) => [uri, status, location])).toEqual([
      ["/1", 302, "https://login.example/in?to=%2F1"],
      ["/2", 201, "../made/2"],
      ["/3", 200, null]
    ]);
  });

  it("keeps 4,096 bytes of a URI, 1,024 of another field and 255 of a user's name, and counts what it cuts", () => {
    for (const beyond of [-1, 0, 1]) {
      const text = (limit: number) => `/${"x".repeat(limit - 2 + beyond)}y`;
      const kept = (limit: number) => text(limit).slice(0, limit);
      const words = ["Host", "User-Agent", "X-Forwarded-For", "Content-Type"].map((name) => `${name}: ${text(1024)}`);
      const digest = `Authorization: Digest realm="${"r".repeat(1024)}", username="${text(255)}"`;
      const flow = new Conversation(6, [40000, 80]);
      flow.send(0, [`GET ${text(4096)} HTTP/1.1`, `Referer:  ${text(4096)} `, digest, ...words, "\r\n"].join("\r\n"));
      const answer = [`HTTP/1.1 302 ${text(1024)}`, `Location: \t${text(4096)}`, `Server: ${text(1024)}`];
      flow.send(1, [...answer, "Content-Length: 0\r\n\r\n"].join("\r\n")).end();
      expect(flow.records.http).toEqual([
        {
          ...row,
          uri: kept(4096),
          referer: kept(4096),
          user: kept(255),
          host: kept(1024),
          user_agent: kept(1024),
          forwarded_for: kept(1024),
          request_type: kept(1024),
          status: 302,
          reason: kept(1024),
          content_length: 0,
          server: kept(1024),
          location: kept(4096)
        }
      ]);
      expect(flow.dissection.counters.cutTexts).toBe(beyond > 0 ? 10 : 0);
    }
  });

  it("matches pipelined requests in order, over bodies of every framing", () => {
    const flow = new Conversation(6, [40000, 80]);
    flow.send(0, get("/1") + get("/2").replace("GET", "HEAD") + get("/3") + get("/4") + get("/5") + get("/6"));
    flow.send(
      1,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nHTTP/\r\n0a\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n"
    );
    flow.send(1, "HTTP/1.1 201 OK\r\nContent-Length: 100\r\n\r\n");
    flow.send(
      1,
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 OK\r\nContent-Length: 9, 9\r\n\r\nHTTP/1.1 HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"
    );
    flow
      .send(
        1,
        "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.0 206 OK\r\n\r\nHTTP/1.x is not a head, the body lasts to the end\r\n"
      )
      .end();
    expect(brief(flow)).toEqual([
      ["GET", "/1", 200],
      ["HEAD", "/2", 201],
      ["GET", "/3", 202],
      ["GET", "/4", 304],
      ["GET", "/5", 204],
      ["GET", "/6", 206]
    ]);
  });

  it("is the same however its segments are cut", () => {
    const request = get("/1", "User-Agent: unit\r\n") + get("/2");
    const response =
      "HTTP/1.1 200 OK\r\nServer: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx";
    const whole = new Conversation(6, [40000, 80]).send(0, request).send(1, response);
    whole.end();
    const expected = whole.records.http!.map(({ts: _, ...rest}) => rest);
    expect(expected.length).toBe(2);
    const cuts = Math.max(request.length, response.length);
    for (let cut = 1; cut < cuts; cut++) {
      const flow = new Conversation(6, [40000, 80]);
      flow.send(0, request.slice(0, cut)).send(0, request.slice(cut));
      // Later bytes first, then the earlier ones, then both again.
      flow.send(1, response.slice(cut), cut).send(1, response.slice(0, cut), 0).send(1, response, 0);
      expect(flow.end().service).toBe("http");
      expect([cut, flow.records.http!.map(({ts: _, ...rest}) => rest)]).toEqual([cut, expected]);
    }
    const bytewise = new Conversation(6, [40000, 80]);
    for (const character of request) bytewise.send(0, character);
    expect(bytewise.end().service).toBe("http");
    expect(brief(bytewise)).toEqual([
      ["GET", "/1", null],
      ["GET", "/2", null]
    ]);
  });

  it("goes on behind bytes that were never captured", () => {
    const flow = new Conversation(6, [40000, 80]);
    flow.send(0, get("/1") + get("/2"));
    const head = "HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n";
    flow.send(1, head);
    // The body's first 10,000 bytes are missing; what follows waits until too much waits.
    for (let at = 10_000; at < 90_000; at += 1000) flow.send(1, "x".repeat(1000), head.length + at);
    flow.send(1, "HTTP/1.1 304 Not Modified\r\n\r\n", head.length + 90_000);
    flow.end();
    expect(brief(flow)).toEqual([
      ["GET", "/1", 200],
      ["GET", "/2", 304]
    ]);
    expect(flow.dissection.counters.givenUp).toBe(1);
  });

  it("is met in the middle of a connection by its next head", () => {
    const flow = new Conversation(6, [40000, 80]);
    flow
      .send(1, "HTTP/1.1 200 OK\r\nServer: x\r\n\r\nbody to the end")
      .send(1, "more")
      .send(1, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
    flow.end();
    expect(flow.records.http!.map(({method, status}) => [method, status])).toEqual([
      [null, 200],
      [null, 302]
    ]);
  });

  it("gives up a head of more than 64 KiB and keeps nothing of it", () => {
    const flow = new Conversation(6, [40000, 80]);
    flow.send(0, "GET / HTTP/1.1\r\n");
    for (let i = 0; i < 70; i++) flow.send(0, `X-${i}: ${"y".repeat(1000)}\r\n`);
    expect(flow.dissection.counters.givenUp).toBe(1);
    expect(flow.end()).toEqual({service: "http", server_name: null, ja4: null});
    expect(flow.records.http).toBeUndefined();
  });

  it("keeps at most 32 open requests and ends at an upgrade", () => {
    const flow = new Conversation(6, [40000, 80]);
    for (let i = 0; i < 40; i++) flow.send(0, get(`/${i}`));
    expect(brief(flow.take()).length).toBe(8);
    flow.send(1, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
    expect(flow.wanted).toBe(false);
  });

  it("has a row for each request of a long connection", () => {
    const flow = new Conversation(6, [40000, 80]);
    for (let i = 0; i < 1000; i++)
      flow.send(0, get(`/${i}`)).send(1, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
    flow.end();
    expect(brief(flow)).toEqual(Array.from({length: 1000}, (_, i) => ["GET", `/${i}`, 404]));
  });

  it("reads 20,000 full payloads of a connection at most and counts that it stops", () => {
    const flow = new Conversation(6, [40000, 80]);
    flow.send(0, get("/")).send(1, "HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n");
    const full = "x".repeat(512);
    for (let i = 0; i < 19_999; i++) flow.send(1, full);
    expect([flow.wanted, flow.dissection.counters.givenUp]).toEqual([true, 0]);
    flow.send(1, full);
    expect([flow.wanted, flow.dissection.counters.givenUp]).toEqual([false, 1]);
  });

  it("gives what is there of heads that the snapshot length cut, and goes on behind them", () => {
    const flow = new Conversation(6, [40000, 80]);
    flow.send(0, "GET /1 HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: uni", undefined, 120);
    flow.send(1, "HTTP/1.1 401 Unauthorized\r\nServer: x\r\nContent-Ty", undefined, 700);
    flow.send(0, `GET /${"x".repeat(40)}`, undefined, 300).send(1, "HTTP/1.1 200", undefined, 300);
    // Not even the status is there.
    flow.send(0, get("/3")).send(1, "HTTP/1.1 40", undefined, 300);
    // The body of a head that is whole: what is cut of it is known.
    flow.send(0, get("/4")).send(1, "HTTP/1.1 403 Forbidden\r\nContent-Length: 500\r\n\r\nno", undefined, 400);
    flow.send(1, "y".repeat(98)).send(0, get("/5")).send(1, "HTTP/1.1 204 No Content\r\n\r\n");
    flow.end();
    const shown = ["version", "method", "host", "uri", "user_agent", "status", "reason", "content_type", "server"];
    expect(flow.records.http!.map((found) => shown.map((name) => found[name]))).toEqual([
      ["1.1", "GET", "www.example.org", "/1", null, 401, "Unauthorized", null, "x"],
      [null, "GET", null, null, null, 200, null, null, null],
      ["1.1", "GET", "www.example.org", "/3", null, null, null, null, null],
      ["1.1", "GET", "www.example.org", "/4", null, 403, "Forbidden", null, null],
      ["1.1", "GET", "www.example.org", "/5", null, 204, "No Content", null, null]
    ]);
    expect(flow.dissection.counters).toEqual({
      malformed: 0,
      givenUp: 0,
      droppedRows: 0,
      unreadFlows: 0,
      gaps: 0,
      cutTexts: 0,
      forgottenNames: 0
    });
    expect(flow.dissection.heldBytes).toBe(0);
  });

  it("gives the request whose head had not ended when its connection did", () => {
    const flow = new Conversation(6, [40000, 80]);
    flow.send(0, "GET /slow HTTP/1.1\r\nHost: www.example.org\r\nX-a: b\r\n");
    expect(flow.end().server_name).toBe("www.example.org");
    expect(flow.records.http).toEqual([{...row, uri: "/slow"}]);
  });

  it("keeps hostile texts as text", () => {
    const flow = new Conversation(6, [40000, 80]);
    flow
      .send(0, Buffer.from("GET /<script> HTTP/1.1\r\nHost: a\u202eb\r\nUser-Agent: \0\x1b[31m\xff\r\n\r\n", "utf8"))
      .end();
    expect(flow.records.http).toEqual([{...row, uri: "/<script>", host: "a\u202eb", user_agent: "\ufffd\x1b[31m\xff"}]);
  });
});
