import type {Random} from "../random.ts";

const methods = ["GET", "POST", "HEAD", "CONNECT", "OPTIONS", "PUT", "get", "X-ODD", "PRI"];
const sizes = [
  "0",
  "1",
  "5",
  "a",
  "ff",
  "FFFFFFFF",
  "ffffffffffffffffff",
  "-1",
  "",
  " 5",
  "5;name=value",
  "0x5",
  "5 5",
  "١"
];
const lengths = [
  "0",
  "5",
  "100",
  "-1",
  "99999999999999999999",
  "5, 5",
  "",
  "0x10",
  "18446744073709551615",
  "5\r\nContent-Length: 7"
];
const ends = ["\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n "];

/** Headers that say how long a body is, truly or not, once or twice. */
function head(random: Random): string {
  const lines: string[] = [];
  for (let n = random.below(random.chance(0.01) ? 2000 : 8); n > 0; n--)
    lines.push(
      random.of([
        `Host: ${random.of(["example.org", "a".repeat(random.length(50, 9000)), "\xff\xfe", "a b", "[::1]:80", ""])}`,
        `Content-Length: ${random.of(lengths)}`,
        `Transfer-Encoding: ${random.of(["chunked", "gzip, chunked", "Chunked ", "identity", "chunked, chunked"])}`,
        `User-Agent: ${"x".repeat(random.length(60, 9000))}`,
        `Content-Type:${random.of([" text/html", "", "\ttext/html; charset=\x80"])}`,
        `Connection: ${random.of(["close", "keep-alive", "Upgrade"])}`,
        `Upgrade: ${random.of(["h2c", "websocket"])}`,
        " folded",
        ":",
        `Server${random.of([":", " :", "\0:"])} ${String.fromCharCode(random.below(256))}`
      ])
    );
  return lines.map((line) => line + random.of(ends)).join("") + random.of(ends);
}

/** Chunks (RFC 9112 §7.1) whose sizes are limits, signs, nothing or too much. */
function body(random: Random): string {
  if (random.chance(0.4)) return "x".repeat(random.length(120, 20_000));
  let text = "";
  for (let n = random.below(6); n > 0; n--)
    text += random.of(sizes) + random.of(ends) + "x".repeat(random.below(20)) + random.of(ends);
  return text + random.of(["0\r\n\r\n", "0\r\nTrailer: x\r\n\r\n", ""]);
}

export function hostileRequest(random: Random): Buffer {
  const target = random.of([
    "/",
    "/index.html",
    `/${"a".repeat(random.length(200, 9000))}`,
    "*",
    "example.org:443",
    "http://x/\x00\xff",
    ""
  ]);
  return Buffer.from(
    `${random.of(methods)} ${target} ${random.of(["HTTP/1.1", "HTTP/1.0", "HTTP/9.9", ""])}${random.of(ends)}${head(random)}${random.chance(0.5) ? body(random) : ""}`,
    "latin1"
  );
}

export function hostileResponse(random: Random): Buffer {
  const status = random.of([
    "200 OK",
    "204",
    "304 Not Modified",
    "100 Continue",
    "101 Switching Protocols",
    "999 ",
    "0",
    "2000 X"
  ]);
  return Buffer.from(`HTTP/1.${random.below(3)} ${status}${random.of(ends)}${head(random)}${body(random)}`, "latin1");
}
