import {setTimeout as sleep} from "node:timers/promises";
import type {Attack} from "./attack.ts";
import {nestedQueries} from "./statements.ts";
import {ask, askSql, head, open, raw, request, type Target} from "./target.ts";

const counted = (outcomes: readonly string[]) => {
  const counts = new Map<string, number>();
  for (const outcome of outcomes) counts.set(outcome.slice(0, 3), (counts.get(outcome.slice(0, 3)) ?? 0) + 1);
  return [...counts]
    .sort()
    .map(([outcome, count]) => `${count}×${outcome}`)
    .join(" ");
};
const times = <T>(count: number, make: (k: number) => Promise<T>) =>
  Promise.all(Array.from({length: count}, (_, k) => make(k)));

const endless = `/api/flows?format=csv&where=${encodeURIComponent("1=1) UNION ALL (SELECT f.* FROM flows f, range(1000000)")}`;
const one = (name: string, expected: RegExp, run: Attack["run"], isSlow = false): Attack => ({
  name,
  expected,
  run,
  isSlow
});
const line = (name: string, expected: RegExp, bytes: (target: Target) => string) =>
  one(name, expected, (target) => raw(target, bytes(target)));
const path = (name: string, url: string, expected: RegExp) =>
  one(name, expected, (target) => raw(target, head(target, `GET ${url}`, ["Connection: close"])));

const pcap = Buffer.concat([Buffer.from("d4c3b2a102000400", "hex"), Buffer.alloc(16)]);

/** Requests that hold what they are given, ask for too much, or are spelled to be misread. */
export const httpAttacks: readonly Attack[] = [
  one("four exports whose clients go", /^gone, then 200$/, async (target) => {
    await times(4, async () => {
      const left = new AbortController();
      setTimeout(() => left.abort(), 300);
      await request(target, endless, {signal: left.signal})
        .then((response) => response.text())
        .catch(() => "");
    });
    return `gone, then ${await served(target)}`;
  }),
  one("four exports that nobody reads", /^others 200$/, async (target) => {
    const sockets = Array.from({length: 4}, () => open(target));
    for (const socket of sockets) socket.pause().write(head(target, `GET ${endless}`));
    await sleep(500);
    const others = await served(target);
    for (const socket of sockets) socket.destroy();
    return `others ${others}`;
  }),
  one("six answers of 30 MB that nobody reads", /^others 200$/, async (target) => {
    const body = JSON.stringify({sql: "SELECT repeat('x', 30000) FROM range(1000)"});
    const sockets = Array.from({length: 6}, () => open(target));
    for (const socket of sockets)
      socket
        .pause()
        .write(
          head(target, "POST /api/query", ["Content-Type: application/json", `Content-Length: ${body.length}`]) + body
        );
    await sleep(2000);
    const others = await served(target);
    for (const socket of sockets) socket.destroy();
    return `others ${others}`;
  }),
  ...[
    ["another statement behind a condition", "1=1); DROP VIEW flows; --"],
    ["a file behind a condition", "1=1) UNION ALL (SELECT content FROM read_text('/etc/passwd')"],
    ["a comment that opens a condition", "1=1 /*"],
    ["an order that is none", "proto = 6) ORDER BY sleep_ms(100000) --"]
  ].map(([name, where]) =>
    one(name, /^400 /, (target) => ask(target, `/api/flows?where=${encodeURIComponent(where)}`))
  ),
  one("what no page says on its socket", /^200$/, async (target) => {
    const hellos = [
      {type: "hello", path: "/../../package"},
      {type: "hello", path: {}},
      {type: "hello", path: "/%"},
      7,
      null
    ];
    for (const hello of hellos)
      await raw(target, Buffer.concat([Buffer.from(upgrade(target)), socketText(JSON.stringify(hello))]), 300);
    return ask(target, "/api/health");
  }),
  one("ids of events that were never sent", /^200 200$/, async (target) => {
    const left = new AbortController();
    const ids = ["__proto__.1", `${"9".repeat(90)}.${"9".repeat(9)}`];
    const answers = await Promise.all(
      ids.map((id) => request(target, "/api/live/events", {headers: {"last-event-id": id}, signal: left.signal}))
    );
    left.abort();
    return answers.map(({status}) => status).join(" ");
  }),
  one("queries whose clients go at once", /^gone, then 200$/, async (target) => {
    await times(20, async () => {
      const left = new AbortController();
      setTimeout(() => left.abort(), 50);
      const body = JSON.stringify({sql: nestedQueries(25)});
      await request(target, "/api/query", {method: "POST", body, signal: left.signal}).catch(() => "");
    });
    return `gone, then ${await served(target)}`;
  }),
  one(
    "100 queries at once",
    /^\d+×422 \d+×503$/,
    async (target) => counted(await times(100, () => askSql(target, nestedQueries(25)))),
    true
  ),
  one("300 events' streams at once", /^64×200 236×503$/, async (target) => {
    const left = new AbortController();
    const answers = await times(300, (k) =>
      request(target, k % 2 ? "/api/events" : "/api/events", {signal: left.signal})
    );
    left.abort();
    return counted(answers.map(({status}) => String(status)));
  }),
  one("300 sockets of pages at once", /^64×101 236×503$/, async (target) => {
    const sockets = Array.from({length: 300}, () => open(target));
    const answers = await Promise.all(
      sockets.map(
        (socket) =>
          new Promise<string>((resolve) => {
            socket.once("data", (data) => resolve(String(data).split(" ")[1]));
            socket.write(upgrade(target));
          })
      )
    );
    for (const socket of sockets) socket.destroy();
    return counted(answers);
  }),
  one("garbage on a page's socket", /^closed or ignored, then 200$/, async (target) => {
    await raw(target, upgrade(target) + "\x00\xff garbage".repeat(1000), 500);
    await raw(
      target,
      Buffer.concat([Buffer.from(upgrade(target)), Buffer.from("ffffffffffffffffffffffffffff", "hex")]),
      500
    );
    return `closed or ignored, then ${await ask(target, "/api/health")}`;
  }),
  one("1,000 connections that say nothing", /^others 200$/, async (target) => {
    const sockets = Array.from({length: 1000}, () => open(target));
    await sleep(500);
    const others = await ask(target, "/api/health");
    for (const socket of sockets) socket.destroy();
    return `others ${others}`;
  }),
  one(
    "headers without end",
    /^others 200, closed/,
    async (target) => {
      const sockets = Array.from({length: 100}, () => open(target));
      const closed = Promise.all(
        sockets.map((socket) => new Promise((resolve) => socket.on("close", resolve).resume()))
      );
      for (const socket of sockets) socket.write(`GET / HTTP/1.1\r\nHost: ${new URL(target.origin).host}\r\nX: `);
      const others = await ask(target, "/api/health");
      await closed;
      return `others ${others}, closed`;
    },
    true
  ),
  one(
    "five captures that stop half-way",
    /^5th 429.*, then 408$/,
    async (target) => {
      const sockets = Array.from({length: 4}, () => open(target));
      const answers = sockets.map(
        (socket) => new Promise<string>((resolve) => socket.on("data", (data) => resolve(String(data).split(" ")[1])))
      );
      for (const socket of sockets) {
        socket.write(
          head(target, "POST /api/captures?name=x", ["Content-Type: application/octet-stream", "Content-Length: 999"])
        );
        socket.write(pcap);
      }
      await sleep(300);
      const fifth = await ask(target, "/api/captures?name=x", {method: "POST", body: new Uint8Array(pcap)});
      const first = await answers[0];
      return `5th ${fifth}, then ${first}`;
    },
    true
  ),
  line("headers of 100 KB", /431/, (target) => head(target, "GET /api/health", [`X: ${"x".repeat(100_000)}`])),
  line("5,000 headers", /431/, (target) =>
    head(
      target,
      "GET /api/health",
      Array.from({length: 5000}, (_, k) => `X${k}: 1`)
    )
  ),
  one("a body of 10 MB", /^413 /, (target) =>
    ask(target, "/api/query", {method: "POST", body: JSON.stringify({sql: "x".repeat(1e7)})}).catch(() => "413 closed")
  ),
  line("a body whose length is a lie", /413|closed/, (target) =>
    head(target, "POST /api/query", ["Content-Type: application/json", "Content-Length: 99999999999"])
  ),
  line(
    "two lengths of a body",
    /400/,
    (target) =>
      `${head(target, "POST /api/run", ["Content-Type: application/json", "Content-Length: 2", "Content-Length: 5"])}{}abc`
  ),
  line(
    "a length and chunks",
    /400/,
    (target) =>
      `${head(target, "POST /api/run", ["Content-Type: application/json", "Content-Length: 2", "Transfer-Encoding: chunked"])}0\r\n\r\n`
  ),
  line("two hosts", /40[03]/, (target) => head(target, "GET /api/health", ["Host: evil.example"])),
  line(
    "a host with two ports",
    /403/,
    ({origin, session}) =>
      `GET /api/health HTTP/1.1\r\nHost: ${new URL(origin).host}:80\r\nAuthorization: Bearer ${session}\r\n\r\n`
  ),
  line(
    "the host a:1:2",
    /403/,
    ({session}) => `GET /api/health HTTP/1.1\r\nHost: a:1:2\r\nAuthorization: Bearer ${session}\r\n\r\n`
  ),
  line("no host", /40[03]/, ({session}) => `GET /api/health HTTP/1.0\r\nAuthorization: Bearer ${session}\r\n\r\n`),
  line("two sessions", /401|400/, (target) =>
    head(target, "GET /api/health", ["Authorization: Bearer x"]).replace(/Authorization: Bearer (?!x\r)[^\r]*\r\n/, "")
  ),
  line("another site", /403/, (target) => head(target, "GET /api/flows", ["Sec-Fetch-Site: cross-site"])),
  line("another port of this machine", /403/, (target) =>
    head(target, "GET /api/flows", ["Sec-Fetch-Site: same-site"])
  ),
  line("a bare line feed in a header", /400/, (target) => head(target, "GET /api/health", ["X: 1\nY: 2"])),
  line("TRACE", /404/, (target) => head(target, "TRACE /api/health")),
  line("OPTIONS", /404/, (target) => head(target, "OPTIONS /api/query")),
  line("OPTIONS *", /40[0-4]/, (target) => head(target, "OPTIONS *")),
  line("CONNECT", /closed|40[0-9]/, (target) => head(target, "CONNECT evil.example:443")),
  line("HEAD of an export", /404/, (target) => head(target, "HEAD /api/flows")),
  line("a method nobody knows", /400/, (target) => head(target, "FLOWBOOK /")),
  line("HTTP/2 without TLS", /40[04]/, (target) =>
    head(target, "GET /", ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: x"])
  ),
  line("an absolute address", /403/, (target) =>
    head(target, "GET http://evil.example/api/health", ["Connection: close"])
  ),
  path("an address of slashes", "//", /400/),
  path("an address of another host", "//evil.example/x", /400/),
  path("a broken escape", "/%E0%A4%A", /400/),
  path("a lone percent sign", "/%", /400/),
  path("a byte of zero in an address", "/%00", /400/),
  path("a way out of the pages", "/..%2f..%2fpackage.json", /4\d\d/),
  path("a way out of the data", "/_file/data/..%2f..%2f..%2fpackage.json", /4\d\d/),
  path("a way out of packages", "/_npm/..%2f..%2f..%2f..%2fpackage.json", /4\d\d/),
  path("a way out by dots", "/_file/../../../../etc/passwd", /400/),
  path("an address of 8,000 characters", `/${"a".repeat(8000)}`, /4\d\d/),
  path("the id __proto__", "/api/runs/__proto__", /400/),
  path("an id of many digits", `/api/runs/${"9".repeat(100)}`, /400/),
  one("JSON that is none", /^400 /, (target) => ask(target, "/api/query", {method: "POST", body: '{"sql":'})),
  one("JSON of 30,000 brackets", /^400 /, (target) =>
    ask(target, "/api/query", {method: "POST", body: "[".repeat(30_000) + "]".repeat(30_000)})
  ),
  one("__proto__ in a body", /^400 /, (target) =>
    ask(target, "/api/query", {method: "POST", body: '{"__proto__":{"sql":"SELECT 1"}}'})
  ),
  one("a form instead of JSON", /^415 /, (target) =>
    ask(target, "/api/query", {
      method: "POST",
      body: "sql=SELECT+1",
      headers: {"content-type": "application/x-www-form-urlencoded"}
    })
  ),
  one("text instead of JSON", /^415 /, (target) =>
    ask(target, "/api/run", {method: "POST", body: "{}", headers: {"content-type": "text/plain"}})
  ),
  one("guessed sessions", /^300×401$/, async (target) =>
    counted(await times(300, (k) => ask({...target, session: `guess${k}`}, "/api/health")))
  )
];

/** A masked text frame of a WebSocket (RFC 6455 §5.2), its mask zero. */
function socketText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

/** Another reader's query: a process may have to start first, and a busy machine may need more than one try. */
async function served(target: Target): Promise<string> {
  let answer = "";
  for (let tries = 0; tries < 5 && answer !== "200"; tries++)
    answer = await askSql(target, "SELECT count(*) FROM flows");
  return answer;
}

function upgrade(target: Target): string {
  return head(target, "GET /_observablehq", [
    `Origin: ${target.origin}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
  ]);
}
