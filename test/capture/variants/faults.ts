import {connection, type Said} from "../dissect/made-connection.ts";
import type {MadePacket} from "../made-capture.ts";
import {type SegmentOptions, tcp, udp} from "../meter/frames.ts";

/** Inputs of kinds that were read wrongly once. */

export const [a, b] = ["10.0.0.1", "10.0.0.2"];
export const begin = 1_700_000_000_000_000;

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
export const get = (uri: string) => `GET ${uri} HTTP/1.1\r\nHost: www.example\r\n\r\n`;
export const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** A segment of side 0 or 1 at a time in ms. */
export function segment(
  ms: number,
  side: 0 | 1,
  ports: readonly [number, number],
  options: SegmentOptions
): MadePacket {
  const [src, dst, srcPort, dstPort] = side === 0 ? [a, b, ports[0], ports[1]] : [b, a, ports[1], ports[0]];
  return {us: begin + ms * 1000, frame: Buffer.from(tcp({src, dst, srcPort, dstPort, ...options}))};
}

/** What is said on a connection that was seen from its handshake to its close. */
export function whole(said: readonly Said[], port: number): MadePacket[] {
  const packets = connection(said, {port});
  const sent = (side: 0 | 1) => said.filter(([from]) => from === side).reduce((sum, [, {length}]) => sum + length, 0);
  const next = [1001 + sent(0), 5001 + sent(1)] as const;
  const ms = packets.length * 10;
  const ports = [40_000, port] as const;
  return [
    ...packets,
    segment(ms, 0, ports, {flags: "FA", seq: next[0], ack: next[1]}),
    segment(ms + 10, 1, ports, {flags: "FA", seq: next[1], ack: next[0] + 1}),
    segment(ms + 20, 0, ports, {flags: "A", seq: next[0] + 1, ack: next[1] + 1})
  ];
}

const bind = hex(
  "05000b03 10000000 48000000 01000000 b810b810 00000000 01000000 00000100 0883afe11f5dc91191a408002b14a0fa 03000000 045d888aeb1cc9119fe808002b104860 02000000"
);

const socks5: readonly Said[] = [
  [0, hex("05 01 00")],
  [1, hex("05 00")],
  [0, hex("05 01 00 03 09 612e6578616d706c65 0050")],
  [1, hex("05 00 00 01 0a000001 0400")],
  [0, get("/x")],
  [1, ok]
];
const socks4: readonly Said[] = [
  [0, hex("04 01 0050 00000001 616e6e 00 612e6578616d706c65 00")],
  [1, hex("00 5a 0000 00000000")],
  [0, get("/x")],
  [1, ok]
];
const request = [`GET /x 200`];

/** Conversations of TCP that are read by content. */
export const conversations: readonly (readonly [
  name: string,
  said: readonly Said[],
  port: number,
  service: string,
  inside: string | null,
  records: Readonly<Record<string, readonly string[]>>
])[] = [
  [
    "HTTP",
    [
      [0, get("/x")],
      [1, ok]
    ],
    8081,
    "http",
    null,
    {http: request}
  ],
  [
    "IRC that begins with USER",
    [
      [0, "USER ann 0 * :Ann\r\nNICK ann\r\n"],
      [1, ":irc.example 001 ann :Welcome\r\n"]
    ],
    6667,
    "irc",
    null,
    {}
  ],
  [
    "PROXY, version 1",
    [
      [0, `PROXY TCP4 1.2.3.4 5.6.7.8 5217 80\r\n${get("/x")}`],
      [1, ok]
    ],
    80,
    "proxy-protocol",
    "http",
    {http: request}
  ],
  [
    "PROXY, version 2",
    [
      [
        0,
        Buffer.concat([hex("0d0a0d0a000d0a515549540a 21 11 000c 01020304 05060708 1461 0050"), Buffer.from(get("/x"))])
      ],
      [1, ok]
    ],
    80,
    "proxy-protocol",
    "http",
    {http: request}
  ],
  [
    "PROXY, version 2, of IPv6",
    [
      [
        0,
        Buffer.concat([
          hex(`0d0a0d0a000d0a515549540a 21 21 0024 ${"01".repeat(16)} ${"02".repeat(16)} 1461 0050`),
          Buffer.from(get("/x"))
        ])
      ],
      [1, ok]
    ],
    80,
    "proxy-protocol",
    "http",
    {http: request}
  ],
  ["SOCKS 5", socks5, 1080, "socks", "http", {http: request, logins: ["socks null none 1"]}],
  ["SOCKS 4a", socks4, 1080, "socks", "http", {http: request}],
  [
    "CONNECT",
    [
      [0, "CONNECT www.example:80 HTTP/1.1\r\nHost: www.example:80\r\n\r\n"],
      [1, "HTTP/1.1 200 Established\r\n\r\n"],
      [0, get("/x")],
      [1, ok]
    ],
    3128,
    "http",
    "http",
    {http: ["CONNECT www.example:80 200", ...request]}
  ],
  ["an endpoint mapper's bind", [[0, bind]], 135, "dcerpc", null, {dcerpc: ["epmapper"]}]
];

/** What a row of a table says, in short. */
export const told: Readonly<Record<string, (row: Record<string, unknown>) => string>> = {
  logins: ({protocol, user, auth, success}) => `${protocol} ${user} ${auth} ${success}`,
  http: ({method, uri, status}) => `${method} ${uri} ${status}`,
  dcerpc: ({interface: name}) => `${name}`,
  dns: ({query, transaction_id}) => `${query} ${transaction_id}`
};

export const datagram = (
  us: number,
  src: string,
  dst: string,
  srcPort: number,
  dstPort: number,
  payload: string | Uint8Array
): MadePacket => ({
  us,
  frame: Buffer.from(udp({src, dst, srcPort, dstPort, payload}))
});
