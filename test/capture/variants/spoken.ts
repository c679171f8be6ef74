import {existsSync, readdirSync, readFileSync} from "node:fs";
import {basename, join} from "node:path";
import type {Said} from "../dissect/made-connection.ts";

/** Conversations over TCP of many protocols: those of the recognisers' fixtures, and longer ones of protocols with records. */

const folder = join(import.meta.dirname, "../dissect/protocols/fixtures");
const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ""), "hex");

/** An SMB 2 message behind its session header ([MS-SMB2] §2.2.1.2). */
function smb2(command: number, id: number, status: number, body: Buffer): Buffer {
  const message = Buffer.concat([Buffer.alloc(4), Buffer.from("\xfeSMB", "latin1"), Buffer.alloc(60), body]);
  message.writeUInt32BE(message.length - 4);
  message.writeUInt16LE(64, 8);
  if (status >= 0) message.writeUInt32LE(status, 12);
  message.writeUInt16LE(command, 16);
  message.writeUInt32LE(status >= 0 ? 1 : 0, 20);
  message.writeUInt32LE(id, 28);
  return message;
}
const dialect = Buffer.alloc(64);
dialect.writeUInt16LE(0x0311, 4);
const share = Buffer.concat([hex("0900 0000 4800 1200"), Buffer.from("\\\\fs\\docs", "utf16le")]);

/** An SSH packet with what its side offers (RFC 4253 §6, §7.1). */
function offer(...lists: readonly string[]): Buffer {
  const named = lists.map((list) => Buffer.concat([Buffer.from([0, 0, 0, list.length]), Buffer.from(list)]));
  const content = Buffer.concat([Buffer.from([20]), Buffer.alloc(16, 7), ...named, Buffer.alloc(5)]);
  const padding = 8 - ((content.length + 5) % 8) + 8;
  const packet = Buffer.concat([Buffer.alloc(5), content, Buffer.alloc(padding)]);
  packet.writeUInt32BE(packet.length - 4);
  packet[4] = padding;
  return packet;
}
const offered = offer(
  "curve25519-sha256",
  "ssh-ed25519",
  ..."aes128-ctr,aes128-ctr,hmac-sha2-256,hmac-sha2-256,none,none".split(","),
  "",
  ""
);

const invite = (first: string) =>
  `${first}\r\nVia: SIP/2.0/TCP 192.0.2.1\r\nFrom: <sip:ann@a.example>;tag=1\r\nTo: <sip:bob@b.example>\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n`;

const longer: Readonly<Record<string, readonly [port: number, said: readonly Said[]]>> = {
  "SMB 2": [
    445,
    [
      [0, smb2(0, 0, -1, Buffer.alloc(16))],
      [1, smb2(0, 0, 0, dialect)],
      [0, smb2(3, 4, -1, share)],
      [1, smb2(3, 4, 0, Buffer.alloc(16))]
    ]
  ],
  LDAP: [
    389,
    [
      [0, hex("301a 020101 6015 020103 0406 636e3d616e6e 8008 7365637265743131")],
      [1, hex("300c 020101 6107 0a0131 0400 0400")],
      [0, hex("3025 020102 6320 0405 64633d6578 0a0102 0a0100 020100 020100 010100 870b 6f626a656374436c617373 3000")],
      [1, hex("300c 020102 6507 0a0100 0400 0400")]
    ]
  ],
  RDP: [
    3389,
    [
      [0, hex("0300 002a 25e0 0000 0000 00 436f6f6b69653a206d737473686173683d616e6e0d0a 0100 0800 03000000 00")],
      [1, hex("0300 0013 0ed0 0000 1234 00 0200 0800 02000000")]
    ]
  ],
  SSH: [
    2222,
    [
      [1, "SSH-2.0-OpenSSH_9.2p1\r\n"],
      [0, "SSH-2.0-libssh2_1.10\r\n"],
      [0, offered],
      [1, offered]
    ]
  ],
  MQTT: [
    1883,
    [
      [0, hex("1010 0004 4d515454 0402 003c 0004 756e6974")],
      [1, hex("2002 0000")],
      [0, hex("8208 0001 0003 612f62 00")],
      [1, hex("9003 0001 00")],
      [0, hex("3009 0005 746f706963 3131")]
    ]
  ],
  Modbus: [
    502,
    [
      [0, hex("0001 0000 0006 07 03 0000 000a")],
      [1, hex("0001 0000 0005 07 03 02 0000")],
      [0, hex("0004 0000 0009 07 10 0064 0001 02 002a")],
      [1, hex("0004 0000 0003 07 90 02")]
    ]
  ],
  "SIP over TCP": [
    5060,
    [
      [0, invite("INVITE sip:bob@b.example SIP/2.0")],
      [1, invite("SIP/2.0 486 Busy Here")]
    ]
  ],
  "DNS over TCP": [
    53,
    [
      [0, hex("001d 1234 0100 0001 0000 0000 0000 03777777 076578616d706c65 00 0001 0001")],
      [1, hex("001d 1234 8183 0001 0000 0000 0000 03777777 076578616d706c65 00 0001 0001")]
    ]
  ]
};

/** The TCP conversation of a fixture, null where it has another transport. */
function ofFixture(file: string): [port: number, said: Said[]] | null {
  const said: Said[] = [];
  let port = 0;
  for (const line of readFileSync(join(folder, file), "utf8").trim().split("\n")) {
    const [, transport, from, way, to, content] = /^(tcp|udp|sctp) (\d+) ([<>]) (\d+) (.+)$/.exec(line)!;
    if (transport !== "tcp") return null;
    port = Number(to) === 40_000 ? Number(from) : Number(to);
    const bytes = content.startsWith('"') ? Buffer.from(JSON.parse(content), "latin1") : Buffer.from(content, "hex");
    said.push([way === ">" ? 0 : 1, bytes]);
  }
  return [port, said];
}

/** All of them by name. */
export function spoken(): [name: string, port: number, said: readonly Said[]][] {
  const fixtures = existsSync(folder) ? readdirSync(folder).sort() : [];
  return [
    ...Object.entries(longer).map(([name, [port, said]]) => [name, port, said] as [string, number, readonly Said[]]),
    ...fixtures.flatMap((file) => {
      const found = ofFixture(file);
      return found ? [[basename(file, ".txt"), ...found] as [string, number, readonly Said[]]] : [];
    })
  ];
}
