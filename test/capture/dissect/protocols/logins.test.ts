import {join} from "node:path";
import {describe, expect, it} from "vitest";
import {describeUnless, noProgram} from "../../../needs.ts";
import {agreement} from "../../../records/agreement.ts";
import {logins} from "../../../records/logins.ts";
import {tsharkValues} from "../../../records/tshark.ts";
import {noSharedData, sharedData} from "../../../shared-data.ts";
import {Conversation} from "../conversation.ts";
import {dissectFiles} from "../metered.ts";

type Said = readonly [0 | 1, string | Uint8Array];

/** The rows of `logins` that a conversation gives: user, how, and whether it was let in. */
function loginsOf(port: number, said: readonly Said[]) {
  const flow = new Conversation(6, [40000, port]);
  for (const [direction, content] of said) flow.send(direction, content);
  const {service} = flow.end();
  const rows = (flow.records.logins ?? []).map(({protocol, user, auth, success}) => {
    expect(protocol).toBe(service);
    return [user, auth, success === null ? null : Boolean(success)];
  });
  expect(flow.dissection.heldBytes).toBe(0);
  expect(JSON.stringify(flow.records, (_, value) => (typeof value === "bigint" ? String(value) : value))).not.toContain(
    "s3cret"
  );
  return rows;
}

/** The same with each byte behind the first payload in a packet of its own. */
const inBytes = ([first, ...rest]: readonly Said[]): Said[] => [
  first,
  ...rest.flatMap(([direction, content]): Said[] => {
    const bytes = typeof content === "string" ? Buffer.from(content, "latin1") : content;
    return [...bytes].map((byte): Said => [direction, Uint8Array.of(byte)]);
  })
];

const options: Said[] = [
  [1, "\xff\xfd\x18\xff\xfd\x20"],
  [0, "\xff\xfb\x18\xff\xfc\x20"],
  [1, "\xff\xfa\x18\x01\xff\xf0"],
  [0, "\xff\xfa\x18\0xterm: login:\xff\xf0"]
];
const login = (user: string, answer: string): Said[] => [
  [1, "\r\nUbuntu\r\nhost login: "],
  [0, `${user}\r\n`],
  [1, `${user}\r\nPassword: `],
  [0, "s3cret\r\n"],
  [1, answer]
];

describe("logins by Telnet", () => {
  const cases: readonly [string, readonly Said[], readonly unknown[]][] = [
    [
      "that are refused, then let in",
      [...login("root", "\r\nLogin incorrect\r\n"), ...login("ann", "\r\nLast login: 3 failed since\r\nann@host:~$ ")],
      [
        ["root", "password", false],
        ["ann", "password", true]
      ]
    ],
    [
      "of a router that asks for a password alone, again and again",
      [
        [1, "User Access Verification\r\n\r\nPassword: "],
        [0, "s3cret\r\0"],
        [1, "\r\nPassword: "],
        [0, "s3cret\r\0"],
        [1, "\r\nR1>"]
      ],
      [
        [null, "password", false],
        [null, "password", true]
      ]
    ],
    [
      "with corrections and colours",
      [
        [1, "\x1b[31mUsername:\x1b[0m "],
        [0, "anm\x7fn\r\0"],
        [1, "\r\nPassword:"],
        [0, "s3crex\x08t\r\0"],
        [1, "\r\n% Login invalid\r\n\r\nUsername: "]
      ],
      [["ann", "password", false]]
    ],
    [
      "of a device that asks for no password",
      [
        [1, "box login: "],
        [0, "root\r\n"],
        [1, "root\r\n# "]
      ],
      [["root", "none", true]]
    ],
    ["whose outcome was not captured", login("ann", "\r\n"), [["ann", "password", null]]],
    ["that never come", [[1, "weather: sunny\r\n> "]], []]
  ];
  for (const [name, said, rows] of cases)
    it(name, () => {
      expect(loginsOf(23, [...options, ...said])).toEqual(rows);
    });

  it("are read where each key is a packet of its own", () => {
    const said = login("ann", "\r\nR1#").flatMap(([direction, text]): Said[] =>
      direction === 0 ? [...String(text)].map((key): Said => [0, key]) : [[1, text]]
    );
    expect(loginsOf(23, [...options, ...said])).toEqual([["ann", "password", true]]);
  });
});

describe("logins by SOCKS", () => {
  const name = "\x01\x03ann\x06s3cret";
  const request = "\x05\x01\0\x01\x0a\0\0\x01\0\x50";
  const cases: readonly [string, readonly Said[], readonly unknown[]][] = [
    [
      "that are refused",
      [
        [0, "\x05\x01\x02"],
        [1, "\x05\x02"],
        [0, name],
        [1, "\x01\x01"]
      ],
      [["ann", "password", false]]
    ],
    [
      "that are let in",
      [
        [0, "\x05\x02\0\x02"],
        [1, "\x05\x02"],
        [0, name],
        [1, "\x01\0"],
        [0, request],
        [1, "\x05\0\0\x01\x0a\0\0\x01\0\x50"]
      ],
      [["ann", "password", true]]
    ],
    [
      "that are not asked for",
      [
        [0, "\x05\x01\0"],
        [1, "\x05\0"],
        [0, request]
      ],
      [[null, "none", true]]
    ],
    [
      "of which none is acceptable",
      [
        [0, "\x05\x01\0"],
        [1, "\x05\xff"]
      ],
      [[null, null, false]]
    ],
    [
      "without an answer",
      [
        [0, "\x05\x01\x02"],
        [1, "\x05\x02"],
        [0, name]
      ],
      [["ann", "password", null]]
    ]
  ];
  for (const [what, said, rows] of cases)
    it(what, () => {
      expect(loginsOf(1080, said)).toEqual(rows);
      expect(loginsOf(1080, inBytes(said))).toEqual(rows);
    });
});

describe("logins by VNC", () => {
  const version = (text: string): Said[] => [
    [1, `RFB ${text}\n`],
    [0, `RFB ${text}\n`]
  ];
  const proof: Said[] = [
    [1, new Uint8Array(16).fill(7)],
    [0, new Uint8Array(16).fill(9)]
  ];
  const cases: readonly [string, readonly Said[], readonly unknown[]][] = [
    [
      "without a password",
      [...version("003.008"), [1, "\x02\x01\x02"], [0, "\x01"], [1, "\0\0\0\0"], [0, "\x01"]],
      [[null, "none", true]]
    ],
    [
      "without a password, of version 3.7",
      [...version("003.007"), [1, "\x01\x01"], [0, "\x01"]],
      [[null, "none", true]]
    ],
    [
      "without a password, of version 3.3",
      [...version("003.003"), [1, "\0\0\0\x01"], [0, "\x01"]],
      [[null, "none", true]]
    ],
    [
      "that are refused",
      [...version("003.008"), [1, "\x01\x02"], [0, "\x02"], ...proof, [1, "\0\0\0\x01\0\0\0\x02no"]],
      [[null, "challenge", false]]
    ],
    [
      "that are let in, of version 3.3",
      [...version("003.003"), [1, "\0\0\0\x02"], ...proof, [1, "\0\0\0\0"], [0, "\x01"]],
      [[null, "challenge", true]]
    ],
    [
      "whose outcome was not captured",
      [...version("003.008"), [1, "\x01\x02"], [0, "\x02"], ...proof],
      [[null, "challenge", null]]
    ],
    ["to a server that takes nobody", [...version("003.008"), [1, "\0\0\0\0\x04busy"]], [[null, null, false]]],
    ["of other kinds", [...version("003.008"), [1, "\x01\x13"], [0, "\x13"], [1, "\0\x02"]], [[null, "vencrypt", null]]]
  ];
  for (const [what, said, rows] of cases)
    it(what, () => {
      expect(loginsOf(5900, said)).toEqual(rows);
      expect(loginsOf(5900, inBytes(said))).toEqual(rows);
    });
});

describe("modules of rsync", () => {
  const greeting: Said[] = [
    [1, "@RSYNCD: 31.0 sha512 md5\n"],
    [0, "@RSYNCD: 30.0\n"]
  ];
  const asked: Said[] = [
    [0, "backup\n"],
    [1, "@RSYNCD: AUTHREQD c2FsdA\n"],
    [0, "ann s3cret\n"]
  ];
  const cases: readonly [string, readonly Said[], unknown][] = [
    [
      "are open",
      [...greeting, [0, "pub\n"], [1, "Welcome to @RSYNCD: OK\n\n@RSYNCD: OK\n"], [0, "--server\0"]],
      ["pub", "31.0", null, "none", 1]
    ],
    ["are let to a user", [...greeting, ...asked, [1, "@RSYNCD: OK\n"]], ["backup", "31.0", "ann", "challenge", 1]],
    [
      "are refused to a user",
      [...greeting, ...asked, [1, "@ERROR: auth failed on module backup\n"]],
      ["backup", "31.0", "ann", "challenge", 0]
    ],
    [
      "are not there",
      [...greeting, [0, "no such\n"], [1, "@ERROR: Unknown module 'no such'\n"]],
      ["no such", "31.0", null, null, 0]
    ],
    ["are listed", [...greeting, [0, "\n"], [1, "pub\tFiles\n@RSYNCD: EXIT\n"]], [null, "31.0", null, "none", 1]],
    ["have no answer", [...greeting, ...asked], ["backup", "31.0", "ann", "challenge", null]]
  ];
  for (const [what, said, row] of cases)
    it(what, () => {
      for (const parts of [said, inBytes(said)]) {
        loginsOf(873, parts);
        const flow = new Conversation(6, [40000, 873]);
        for (const [direction, content] of parts) flow.send(direction, content);
        flow.end();
        expect(
          flow.records.logins!.map(({share, version, user, auth, success}) => [share, version, user, auth, success])
        ).toEqual([row]);
      }
    });

  it("are none of a greeting alone", () => {
    expect(loginsOf(873, greeting)).toEqual([]);
  });
});

describeUnless(noSharedData ?? noProgram("tshark"))("logins are tshark's in shared captures", () => {
  for (const name of [
    "incidents/kholia/VNC/03-vnc-pass1234-3.8.pcap",
    "incidents/kholia/VNC/07-vnc-Password-3.7-mini.pcap",
    "incidents/kholia/VNC/RealVNC-RFB-3.3-client.pcap",
    "pcap/arkime/socks-http-pass.pcap",
    "pcap/arkime/socks5-rdp.pcap",
    "pcap/mercury/socks4_5.pcap",
    "pcap/ndpi/rsync.pcap"
  ])
    it(name, async () => {
      const file = join(sharedData, name);
      const {records} = await dissectFiles([file]);
      const values = await tsharkValues(file, logins);
      for (const comparison of logins) {
        const own = (records.logins ?? []).flatMap((row) => comparison.ours(row));
        const {onlyOurs, onlyTheirs} = agreement(own, values.get(comparison)!);
        expect([comparison.field, onlyOurs, onlyTheirs]).toEqual([comparison.field, [], []]);
      }
    });
});
