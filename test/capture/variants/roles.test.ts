import {expect, it} from "vitest";
import {a, b, begin, datagram, segment} from "./faults.ts";
import {readPackets} from "./read.ts";

/** The originator of connections that were met midway, by what their first data say, whichever port has the server. */

const [server, client] = [1, 0] as const;
const smb2 = (flags: string) => `\0\0\0\x40\xfeSMB\x40\0\0\0\0\0\0\0\0\0\0\0${flags}${"\0".repeat(44)}`;
const rpc = (type: string) => `\x05\0${type}\x03\x10\0\0\0\x40\0\0\0\x01\0\0\0${"\0".repeat(48)}`;

const said: readonly (readonly [side: 0 | 1, text: string])[] = [
  ...[
    "HTTP/1.1 404 Not Found\r\n\r\n",
    "RTSP/1.0 200 OK\r\n\r\n",
    "SIP/2.0 200 OK\r\n\r\n",
    "220-mail ready\r\n",
    "250 Accepted\r\n",
    "331 Password required\r\n",
    "550 No such user\r\n",
    "-ERR not now\r\n",
    "* CAPABILITY IMAP4rev1\r\n",
    "a1 OK LOGIN done\r\n",
    ":irc.example 001 ann :Welcome\r\n",
    "\x16\x03\x03\0\x40\x02\0\0\x3c\x03\x03",
    smb2("\x01"),
    rpc("\x0c"),
    "\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\0\x08\0\0\0\0\0",
    "J\0\0\0\x0a8.0.36\0"
  ].map((text) => [server, text] as const),
  ...[
    "GET / HTTP/1.1\r\n\r\n",
    "DELETE /x HTTP/1.1\r\n\r\n",
    "PROPFIND / HTTP/1.1\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "EHLO mail.example\r\n",
    "RCPT TO:<bob@b.example>\r\n",
    "RETR file.txt\r\n",
    "NICK ann12\r\n",
    "\x16\x03\x01\0\x40\x01\0\0\x3c\x03\x03",
    smb2("\0"),
    rpc("\0"),
    "\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\0\0\0\0"
  ].map((text) => [client, text] as const)
];

it("the first data tell who began, with the server on either port and behind bare ACKs", async () => {
  for (const [side, text] of said)
    for (const ports of [
      [53_774, 8081],
      [80, 53_774]
    ] as const)
      for (const acks of [[], [0, 1]] as const) {
        const packets = [
          ...acks.map((from) => segment(from, from, ports, {flags: "A", seq: 1, ack: 1})),
          segment(10, side, ports, {flags: "PA", seq: 1, ack: 1, payload: text})
        ];
        const {flows} = await readPackets(packets);
        expect({text, ports, acks, from: flows.map(({src_ip}) => src_ip)}).toEqual({text, ports, acks, from: [a]});
      }
});

it("a datagram to all hosts of a network is its sender's, whatever the ports", async () => {
  for (const [source, target] of [
    [a, "10.0.0.255"],
    ["172.16.3.4", "172.16.255.255"],
    [a, "10.255.255.255"],
    [a, "255.255.255.255"],
    [a, "239.255.255.250"]
  ]) {
    const {flows} = await readPackets([datagram(begin, source, target, 67, 68, "x")]);
    expect(flows.map(({src_ip, history}) => [src_ip, history])).toEqual([[source, "D"]]);
  }
  const {flows} = await readPackets([datagram(begin, b, "10.0.7.255", 67, 68, "x")]);
  expect(flows.map(({src_ip}) => src_ip)).toEqual(["10.0.7.255"]);
});
