import {setTimeout as sleep} from "node:timers/promises";
import type {Attack} from "./attack.ts";
import {ask, head, open, raw, request, type Target} from "./target.ts";

const one = (name: string, expected: RegExp, run: Attack["run"], isSlow = false, needsPages = false): Attack => ({
  name,
  expected,
  run,
  isSlow,
  needsPages
});
const line = (name: string, expected: RegExp, bytes: (target: Target) => string | Buffer) =>
  one(name, expected, (target) => raw(target, bytes(target)));
/** A request with a body of JSON and these headers as they stand. */
const post = (target: Target, headers: readonly string[], body: string) =>
  head(target, "POST /api/run", ["Content-Type: application/json", ...headers]) + body;
const path = (name: string, url: string, expected: RegExp) =>
  line(name, expected, (target) => head(target, `GET ${url}`, ["Connection: close"]));

/** All that comes back until the other end closed or was quiet for a second. */
function answersOf(target: Target, bytes: string | Buffer, quietMs = 1000): Promise<string> {
  return new Promise((resolve) => {
    const socket = open(target);
    let got = "";
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(got);
    };
    const timer = setTimeout(done, quietMs);
    socket.on("data", (data) => {
      got += data.toString("latin1");
      timer.refresh();
    });
    socket.on("close", done);
    socket.write(bytes);
  });
}

const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status);

/** A masked frame of a WebSocket (RFC 6455 §5.2), its mask zero. */
function frame(opcode: number, isFinal: boolean, payload: Buffer): Buffer {
  const header = Buffer.alloc(14);
  header[0] = (isFinal ? 0x80 : 0) | opcode;
  header[1] = 0x80 | 127;
  header.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([header, payload]);
}

const upgrade = (target: Target, url = "/_observablehq", headers: readonly string[] = [`Origin: ${target.origin}`]) =>
  head(target, `GET ${url}`, [
    ...headers,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
  ]);

/** Requests whose end two programs would see in different places, or that want an answer for ever. */
const smuggling: readonly Attack[] = [
  line("chunks under a second coding", /400|501/, (target) =>
    post(target, ["Transfer-Encoding: chunked, identity"], "0\r\n\r\n")
  ),
  line("a coding nobody knows", /400|501/, (target) => post(target, ["Transfer-Encoding: xchunked"], "0\r\n\r\n")),
  line("a coding behind a space", /400/, (target) => post(target, ["Transfer-Encoding : chunked"], "0\r\n\r\n")),
  line("two codings", /400/, (target) =>
    post(target, ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], "0\r\n\r\n")
  ),
  line("a folded header", /400/, (target) => head(target, "GET /api/health", ["X: 1\r\n folded: 2"])),
  line("a length with a sign", /400/, (target) => post(target, ["Content-Length: +2"], "{}")),
  line("a negative length", /400/, (target) => post(target, ["Content-Length: -2"], "{}")),
  line("a length in base 16", /400/, (target) => post(target, ["Content-Length: 0x2"], "{}")),
  line("a list of lengths", /400/, (target) => post(target, ["Content-Length: 2, 2"], "{}")),
  line("a chunk of 2^68 bytes", /400|413/, (target) =>
    post(target, ["Transfer-Encoding: chunked"], "FFFFFFFFFFFFFFFFF\r\n{}")
  ),
  line("a chunk's size that is none", /400/, (target) =>
    post(target, ["Transfer-Encoding: chunked"], "-2\r\n{}\r\n0\r\n\r\n")
  ),
  line("20 KB of a chunk's extensions", /400|413|431/, (target) =>
    post(target, ["Transfer-Encoding: chunked"], `2;${"x".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`)
  ),
  line("a lone carriage return in a header", /400/, (target) => head(target, "GET /api/health", ["X: 1\rY: 2"])),
  line("a byte of zero in a header", /400/, (target) => head(target, "GET /api/health", ["X: a\0b"])),
  line("a version nobody knows", /400|505/, ({origin}) => `GET / HTTP/9.9\r\nHost: ${new URL(origin).host}\r\n\r\n`),
  line("a request of HTTP/0.9", /40[03]/, () => "GET /\r\n\r\n"),
  line("a hello of TLS", /400|closed/, () => Buffer.from("16030100050100000100", "hex")),
  line("a preface of HTTP/2", /40[0-9]|505|closed/, () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  one("a request in the body of another", /^1 answer$/, async (target) => {
    const inner = head(target, "GET /api/health");
    const outer = head(target, "GET /api/health", [`Content-Length: ${inner.length}`]);
    return `${statuses(await answersOf(target, outer + inner)).length} answer`;
  }),
  one("1,000 requests in a row, unanswered", /^1000×200$/, async (target) => {
    const found = statuses(await answersOf(target, head(target, "GET /api/health").repeat(1000), 3000));
    return `${found.length}×${[...new Set(found)].join(",")}`;
  }),
  line("an expectation nobody knows", /417/, (target) => head(target, "GET /api/health", ["Expect: everything"])),
  line("a session among the trailers", /401/, ({origin, session}) =>
    [
      "POST /api/run HTTP/1.1",
      `Host: ${new URL(origin).host}`,
      "Transfer-Encoding: chunked",
      "Content-Type: application/json",
      "Trailer: Authorization",
      "",
      "2\r\n{}\r\n0",
      `Authorization: Bearer ${session}`,
      "",
      ""
    ].join("\r\n")
  )
];

/** Names, origins and cookies that are nearly those of a reader. */
const identities: readonly Attack[] = [
  line(
    "a host with a dot behind it",
    /403/,
    ({origin, session}) =>
      `GET /api/health HTTP/1.1\r\nHost: 127.0.0.1.:${new URL(origin).port}\r\nAuthorization: Bearer ${session}\r\n\r\n`
  ),
  line(
    "the host of IPv6's loopback",
    /403/,
    ({origin, session}) =>
      `GET /api/health HTTP/1.1\r\nHost: [::1]:${new URL(origin).port}\r\nAuthorization: Bearer ${session}\r\n\r\n`
  ),
  line(
    "the host in decimal",
    /403/,
    ({origin, session}) =>
      `GET /api/health HTTP/1.1\r\nHost: 2130706433:${new URL(origin).port}\r\nAuthorization: Bearer ${session}\r\n\r\n`
  ),
  line("another host by a proxy's word", /200/, (target) =>
    head(target, "GET /api/health", [
      "X-Forwarded-Host: evil.example",
      "Forwarded: host=evil.example",
      "X-Forwarded-For: 8.8.8.8"
    ])
  ),
  line("another method by a header", /404/, (target) =>
    head(target, "POST /api/health", ["X-HTTP-Method-Override: GET", "Content-Length: 0"])
  ),
  line("another address by a header", /200/, (target) =>
    head(target, "GET /api/health", ["X-Original-URL: /api/run", "X-Rewrite-URL: /api/run"])
  ),
  one("an origin of null", /^403 /, (target) =>
    ask(target, "/api/run", {method: "POST", body: "{}", headers: {origin: "null"}})
  ),
  one("an origin that begins as ours", /^403 /, (target) =>
    ask(target, "/api/run", {method: "POST", body: "{}", headers: {origin: `${target.origin}.evil.example`}})
  ),
  one("a cookie that somebody else set", /^401, nothing set$/, async (target) => {
    const port = new URL(target.origin).port;
    const response = await fetch(`${target.origin}/login?token=guess`, {
      headers: {cookie: `flowbook_${port}=${"a".repeat(43)}; flowbook=${"a".repeat(43)}`}
    });
    return `${response.status}, ${response.headers.get("set-cookie") ?? "nothing"} set`;
  }),
  one("a cookie before the right one", /^401 /, (target) =>
    ask({...target, session: "none"}, "/api/health", {
      headers: {
        cookie: ["flowbook", `flowbook_${new URL(target.origin).port}`]
          .flatMap((name) => [`${name}=x`, `${name}=${target.session}`])
          .join("; ")
      }
    })
  ),
  one("a cookie of 15,000 characters", /^401 /, (target) =>
    ask({...target, session: "none"}, "/api/health", {headers: {cookie: `flowbook=${"x".repeat(15_000)}`}})
  ),
  one("a link asked for again and again", /^200×401$/, async (target) => {
    const answers = await Promise.all(
      Array.from({length: 200}, (_, k) => fetch(`${target.origin}/login?token=${k}`).then(({status}) => status))
    );
    return `${answers.length}×${[...new Set(answers)].join(",")}`;
  }),
  one("two links in one address", /^40[01] /, (target) => ask({...target, session: "none"}, "/login?token=a&token=b"))
];

/** There is nothing, or only a page might be there, by another address. */
const noPage = /404|302 Found/;

/** Ways out of the pages, spelled so that a check might miss them. */
const ways: readonly Attack[] = [
  path("a way out, escaped twice", "/%252e%252e%252fpackage.json", /4\d\d/),
  path("a way out by backslashes", "/..%5c..%5cpackage.json", /4\d\d/),
  path("a way out in overlong UTF-8", "/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd", /400/),
  path("a way out with parameters", "/..;/..;/package.json", /4\d\d/),
  path("a way out of modules", "/_import/%2e%2e/%2e%2e/package.json", /4\d\d/),
  path("a way out of Node's modules", "/_node/..%2f..%2f..%2f..%2fpackage.json", /4\d\d/),
  path("a way out of files", "/_file/%2e%2e/package.json", /4\d\d/),
  path("a byte of zero in a file's name", "/_file/data/flows.packed%00.html", /400/),
  path("the manifest", "/package.json", /404/),
  path("the repository", "/.git/config", noPage),
  path("the cache of modules", "/.observablehq/cache/lock", noPage),
  path("the lake's sessions", "/_file/data/..%2f..%2f.sessions.json", /4\d\d/),
  path("a file of the lake", "/data/lake/captures", noPage),
  path("an absolute path", "/_file//etc/passwd", /4\d\d/),
  path("a stream that is no file", "/flows.md:$DATA", /4\d\d/)
];

/** Fields given twice, or in shapes that nobody asked for. */
const fields: readonly Attack[] = [
  one("a field given twice", /^400 /, (target) => ask(target, "/api/flows?format=csv&format=parquet")),
  one("a field as a list", /^400 /, (target) => ask(target, "/api/flows?where[]=1")),
  one("a field of the prototype", /^400 /, (target) => ask(target, "/api/flows?__proto__[format]=csv")),
  one("a field nobody knows", /^400 /, (target) => ask(target, "/api/flows?format=csv&limit=1")),
  one("3,000 fields", /^4(00|14|31) /, (target) =>
    ask(target, `/api/flows?${Array.from({length: 3000}, (_, k) => `a${k}=`).join("&")}`)
  ),
  one("a capture given twice", /^400 /, (target) =>
    ask(target, `/api/packets?capture=${"a".repeat(64)}&capture=${"b".repeat(64)}&flow=1`)
  ),
  one("a flow beyond 64 bits", /^400 /, (target) =>
    ask(target, `/api/packets?capture=${"a".repeat(64)}&flow=9999999999999999999`)
  ),
  one("an order in a body's field", /^400 /, (target) =>
    ask(target, "/api/live/start", {method: "POST", body: JSON.stringify({interface: ["lo"], filter: {a: 1}})})
  ),
  one("an option for a filter", /^400 /, (target) =>
    ask(target, "/api/live/start", {method: "POST", body: JSON.stringify({interface: "lo", filter: " -w /etc/x"})})
  ),
  one("an option for an interface", /^400 /, (target) =>
    ask(target, "/api/live/start", {method: "POST", body: JSON.stringify({interface: "-w/etc/x"})})
  ),
  one("a command for traceroute", /^400 /, (target) =>
    ask(target, "/api/traceroute", {
      method: "POST",
      body: JSON.stringify({target: "127.0.0.1; touch /tmp/flowbook-attack"})
    })
  ),
  one("an option for traceroute", /^400 /, (target) =>
    ask(target, "/api/traceroute", {method: "POST", body: JSON.stringify({target: "-h"})})
  )
];

const dataFile = "/_file/data/captures.json";

/** Parts of files, asked for as no program does. */
const ranges: readonly Attack[] = [
  one("1,200 ranges of a file", /^(200|206|404|416)/, (target) =>
    ask(target, dataFile, {headers: {range: `bytes=${Array.from({length: 1200}, (_, k) => `${k}-${k}`).join(",")}`}})
  ),
  one("overlapping ranges of a whole file", /^(200|206|404|416)/, (target) =>
    ask(target, dataFile, {headers: {range: `bytes=${Array(500).fill("0-").join(",")}`}})
  ),
  one("a range beyond every number", /^(200|206|404|416)/, (target) =>
    ask(target, dataFile, {headers: {range: `bytes=${"9".repeat(40)}-`}})
  ),
  one("a range backwards", /^(200|404|416)/, (target) => ask(target, dataFile, {headers: {range: "bytes=5-1"}})),
  one("a range that is none", /^(200|404|416)/, (target) => ask(target, dataFile, {headers: {range: "bytes=a-b"}})),
  one("a range of an answer that has none", /^200/, (target) =>
    ask(target, "/api/health", {headers: {range: "bytes=0-0"}})
  ),
  one("10,000 tags that are known", /^(200|304|404)/, (target) =>
    ask(target, dataFile, {headers: {"if-none-match": Array(1000).fill('"x"').join(",")}})
  )
];

/** Who holds what he is given, and lets nobody else have it. */
const holding: readonly Attack[] = [
  one("200 bodies that come byte by byte", /^others 200$/, async (target) => {
    const sockets = Array.from({length: 200}, () => open(target));
    for (const socket of sockets)
      socket.write(head(target, "POST /api/query", ["Content-Type: application/json", "Content-Length: 5000"]));
    for (let byte = 0; byte < 6; byte++) {
      for (const socket of sockets) socket.write("{");
      await sleep(250);
    }
    const others = await ask(target, "/api/health");
    for (const socket of sockets) socket.destroy();
    return `others ${others}`;
  }),
  one(
    "100 headers that come byte by byte",
    /^others 200, closed 100$/,
    async (target) => {
      const sockets = Array.from({length: 100}, () => open(target));
      let closed = 0;
      for (const socket of sockets) socket.on("close", () => closed++).resume();
      for (const socket of sockets) socket.write("GET / HTTP/1.1\r\nX: ");
      let others = "200";
      for (let second = 0; second < 25 && closed < 100; second++) {
        for (const socket of sockets) if (!socket.destroyed) socket.write("x");
        await sleep(1000);
        const answer = await ask(target, "/api/health");
        if (answer !== "200") others = answer;
      }
      for (const socket of sockets) socket.destroy();
      return `others ${others}, closed ${closed}`;
    },
    true
  ),
  one("60 pages that nobody reads", /^others 200$/, async (target) => {
    const sockets = Array.from({length: 60}, () => open(target));
    for (const socket of sockets) socket.pause().write(head(target, "GET /index.html").repeat(20));
    await sleep(1000);
    const others = await ask(target, "/api/health");
    for (const socket of sockets) socket.destroy();
    return `others ${others}`;
  }),
  one("300 streams of live events at once", /^16×200 284×503$/, async (target) => {
    const left = new AbortController();
    const answers = await Promise.all(
      Array.from({length: 300}, () =>
        request(target, "/api/live/events", {signal: left.signal}).then(({status}) => status)
      )
    );
    left.abort();
    return [200, 503].map((status) => `${answers.filter((one) => one === status).length}×${status}`).join(" ");
  }),
  one("streams of events that nobody reads", /^others 200$/, async (target) => {
    const sockets = Array.from({length: 64}, () => open(target));
    for (const socket of sockets) socket.pause().write(head(target, "GET /api/events"));
    await sleep(1500);
    const others = await ask(target, "/api/health");
    for (const socket of sockets) socket.destroy();
    return `others ${others}`;
  }),
  one("after that a page's stream is free again", /^200$/, async (target) => {
    for (let tries = 0; ; tries++) {
      const left = new AbortController();
      const {status} = await request(target, "/api/events", {signal: left.signal});
      left.abort();
      if (status === 200 || tries === 20) return String(status);
      await sleep(100);
    }
  }),
  line("a socket without a session", /401/, ({origin}) => upgrade({origin, session: "none"})),
  line("a socket without an origin", /403/, ({origin, session}) =>
    upgrade({origin, session: "none"}, "/_observablehq", [
      `Cookie: flowbook_${new URL(origin).port}=${session}; flowbook=${session}`
    ])
  ),
  line("a socket of another origin", /403/, (target) =>
    upgrade(target, "/_observablehq", ["Origin: http://evil.example"])
  ),
  line("a socket at another address", /404/, (target) => upgrade(target, "/api/events")),
  one(
    "40 MB in pieces on a page's socket",
    /^closed, others 200$/,
    async (target) => {
      const socket = open(target);
      const closed = new Promise<string>((resolve) => {
        socket.on("close", () => resolve("closed"));
        setTimeout(() => resolve("still open"), 10_000).unref();
      });
      socket.resume().write(upgrade(target));
      await sleep(300);
      socket.write(frame(1, false, Buffer.alloc(1_000_000, 0x20)));
      for (let n = 0; n < 40 && !socket.destroyed; n++) socket.write(frame(0, false, Buffer.alloc(1_000_000, 0x20)));
      const how = await closed;
      socket.destroy();
      return `${how}, others ${await ask(target, "/api/health")}`;
    },
    false,
    true
  ),
  one("a frame that claims 2^62 bytes", /^others 200$/, async (target) => {
    const claim = Buffer.from("81ff400000000000000000000000", "hex");
    await raw(target, Buffer.concat([Buffer.from(upgrade(target)), claim, Buffer.alloc(1000)]), 500);
    return `others ${await ask(target, "/api/health")}`;
  })
];

/** Attacks on the wire: how requests are framed, who they claim to be from, where they lead, and what they hold. */
export const wireAttacks: readonly Attack[] = [
  ...smuggling,
  ...identities,
  ...ways.map((attack) => ({...attack, needsPages: true})),
  ...fields,
  ...ranges,
  ...holding
];
