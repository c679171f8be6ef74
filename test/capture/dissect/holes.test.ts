import {describe, expect, it} from "vitest";
import {connection, type Said} from "./made-connection.ts";
import {dissectPackets} from "./metered.ts";

/** Segments that were sent and not captured: records go on at the next message, and the hole is counted. */

const get = (uri: string) => `GET ${uri} HTTP/1.1\r\nHost: www.example.org\r\n\r\n`;
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const noContent = "HTTP/1.1 204 No Content\r\n\r\n";
const http = async (said: readonly Said[], lost: readonly number[]) => {
  const {records, counters, heldBytes} = await dissectPackets(connection(said, {lost}));
  expect(heldBytes).toBe(0);
  return {rows: (records.http ?? []).map(({uri, status}) => [uri, status]), gaps: counters.gaps};
};

describe("a hole in HTTP", () => {
  const said: Said[] = ["/a", "/b", "/c", "/d"].flatMap((uri, i): Said[] => [
    [0, get(uri)],
    [1, i === 2 ? noContent : ok]
  ]);
  const whole = [
    ["/a", 200],
    ["/b", 200],
    ["/c", 204],
    ["/d", 200]
  ];

  it("has the row of a response whose request is lost, and all behind it", async () => {
    expect(await http(said, [2])).toEqual({rows: [whole[0], [null, 200], whole[2], whole[3]], gaps: 1});
  });

  it("gives a later response to its own request", async () => {
    expect(await http(said, [3])).toEqual({rows: [whole[0], ["/b", null], whole[2], whole[3]], gaps: 1});
  });

  it("gives each response behind a hole to the request before which its client had seen nothing of it", async () => {
    // Two responses are lost; the third request is sent with an acknowledgment of both.
    const rows = [["/a", null], ["/b", null], whole[2], whole[3]];
    expect(await http(said, [1, 3])).toEqual({rows, gaps: 1});
    // Of requests sent at once the lost response is the oldest one's.
    const together: Said[] = [
      [0, get("/a") + get("/b") + get("/c")],
      [1, ok],
      [1, noContent],
      [1, ok]
    ];
    expect(await http(together, [1])).toEqual({
      rows: [
        ["/a", null],
        ["/b", 204],
        ["/c", 200]
      ],
      gaps: 1
    });
    // What is lost of a body only, known by its length, loses no response.
    const body: Said[] = [
      [0, get("/a") + get("/b")],
      [1, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"],
      [1, "something"],
      [1, noContent]
    ];
    expect(await http(body, [2])).toEqual({
      rows: [
        ["/a", 200],
        ["/b", 204]
      ],
      gaps: 1
    });
  });

  it("reads what no answer acknowledges at the end", async () => {
    expect(
      await http(
        [
          [0, get("/a")],
          [1, ok],
          [0, get("/b")],
          [0, get("/c")]
        ],
        [2]
      )
    ).toEqual({
      rows: [whole[0], ["/c", null]],
      gaps: 1
    });
  });

  it("finds a head within a segment, and no request in what a server says", async () => {
    const long = "HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n";
    const page = "you may ask\nGET /not HTTP/1.1\r\nHost: here\r\n\r\n";
    expect(
      await http(
        [
          [0, get("/a") + get("/b")],
          [1, long],
          [1, "x".repeat(100)],
          [1, `${page}\r\n${noContent}`],
          [0, get("/c")],
          [1, ok]
        ],
        [2]
      )
    ).toEqual({
      rows: [
        ["/a", 200],
        ["/b", 204],
        ["/c", 200]
      ],
      gaps: 1
    });
  });
});

describe("a hole in FTP", () => {
  const said: Said[] = [
    [1, "220 FTP\r\n"],
    [0, "USER ann\r\n"],
    [1, "331 Password\r\n"],
    [0, "PASS x\r\n"],
    [1, "230 Hello\r\n"],
    [0, "CWD /pub\r\n"],
    [1, "250 There\r\n"]
  ];
  const rows = async (lost: number) => {
    const {records, counters} = await dissectPackets(connection(said, {port: 21, lost: [lost]}));
    expect(counters.gaps).toBe(1);
    return records.ftp!.map(({command, reply_code}) => [command, reply_code]);
  };

  it("goes on at the next command", async () => {
    expect(await rows(3)).toEqual([
      ["USER", 331],
      ["CWD", 250]
    ]);
  });

  it("goes on at the next reply", async () => {
    expect(await rows(4)).toEqual([
      ["USER", 331],
      ["PASS", null],
      ["CWD", 250]
    ]);
  });
});

describe("a hole in DNS over TCP", () => {
  const message = (id: number, isResponse: boolean, name: string) => {
    const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
    const bytes = [id >> 8, id & 255, isResponse ? 0x81 : 1, isResponse ? 0x80 : 0, 0, 1, 0, 0, 0, 0, 0, 0];
    return Uint8Array.from([0, 12 + labels.length + 5, ...bytes, ...labels, 0, 0, 1, 0, 1]);
  };
  const said: Said[] = ["a.example", "bb.example", "ccc.example"].flatMap((name, id): Said[] => [
    [0, message(id, false, name)],
    [1, message(id, true, name)]
  ]);

  it("goes on at the next message", async () => {
    for (const [lost, rtts] of [[2, [10_000, null, 10_000]] as const, [3, [10_000, null, 10_000]] as const]) {
      const {records, counters} = await dissectPackets(connection(said, {port: 53, lost: [lost]}));
      const byTime = records.dns!.sort((a, b) => Number(a.ts) - Number(b.ts));
      expect(byTime.map(({query, rtt_us}) => [query, rtt_us])).toEqual(
        said.filter((_, i) => i % 2 === 0).map((_, i) => [["a.example", "bb.example", "ccc.example"][i], rtts[i]])
      );
      expect(counters.gaps).toBe(1);
    }
  });
});

describe("a hole in SMB", () => {
  const smb = (command: number, id: number, isResponse: boolean) => {
    const message = Buffer.alloc(4 + 64 + 64);
    message.writeUInt32BE(128);
    message.write("\xfeSMB", 4, "latin1");
    message.writeUInt16LE(64, 8);
    message.writeUInt16LE(command, 16);
    message.writeUInt32LE(isResponse ? 1 : 0, 20);
    message.writeUInt32LE(id, 28);
    return message;
  };

  it("goes on at the next session header", async () => {
    const said: Said[] = [0, 1, 3, 4].flatMap((command, id): Said[] => [
      [0, smb(command, id, false)],
      [1, smb(command, id, true)]
    ]);
    const {records, counters} = await dissectPackets(connection(said, {port: 445, lost: [2]}));
    expect(records.smb!.map(({command, status}) => [command, status])).toEqual([
      ["negotiate", 0],
      ["tree_connect", 0],
      ["tree_disconnect", 0]
    ]);
    expect(counters.gaps).toBe(1);
  });
});

describe("a hole at a connection's beginning", () => {
  /** Services of the flow, and rows of a table without what was said first. */
  const without = async (said: readonly Said[], port: number, lost: readonly number[]) => {
    const {flows, records, counters, heldBytes} = await dissectPackets(connection(said, {port, lost}));
    expect([heldBytes, counters.givenUp]).toEqual([0, 0]);
    return {service: flows[0].service, records};
  };
  const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

  it("leaves FTP its name and the commands that follow, where the greeting does not name it", async () => {
    const said: Said[] = [
      [1, "220 Hello\r\n"],
      [0, "USER ann\r\n"],
      [1, "331 Password\r\n"],
      [0, "PASS x\r\n"],
      [1, "230 In\r\n"],
      [0, "CWD /pub\r\n"],
      [1, "250 There\r\n"]
    ];
    for (const lost of [[1], [0, 1]]) {
      const {service, records} = await without(said, 2121, lost);
      const rows = (records.ftp ?? []).map(({command, reply_code}) => [command, reply_code]);
      expect({lost, service, rows}).toEqual({
        lost,
        service: "ftp",
        rows: [
          ["PASS", 230],
          ["CWD", 250]
        ]
      });
    }
  });

  it("leaves SMTP its mail, where the client's name is lost", async () => {
    const said: Said[] = [
      [1, "220 mx.example\r\n"],
      [0, "EHLO a.example\r\n"],
      [1, "250 OK\r\n"],
      [0, "MAIL FROM:<ann@a.example>\r\n"],
      [1, "250 OK\r\n"],
      [0, "RCPT TO:<bob@b.example>\r\n"],
      [1, "250 OK\r\n"],
      [0, "DATA\r\n"],
      [1, "354 Go\r\n"],
      [0, "Subject: x\r\n\r\nhello\r\n.\r\n"],
      [1, "250 Taken\r\n"]
    ];
    // The name, the recipient, the word before the mail, its end.
    for (const [lost, recipients] of [
      [1, "bob@b.example"],
      [5, null],
      [7, "bob@b.example"]
    ] as const) {
      const {service, records} = await without(said, 2525, [lost]);
      const rows = records.mail?.map((row) => [row.sender, row.recipients, row.subject, row.status]);
      expect({lost, service, rows}).toEqual({lost, service: "smtp", rows: [["ann@a.example", recipients, "x", 250]]});
    }
    // Without its sender a mail has its headers.
    const {records} = await without(said, 2525, [3]);
    expect(records.mail?.map(({subject, status}) => [subject, status])).toEqual([["x", 250]]);
  });

  it("leaves PostgreSQL its statements, whichever of its first words are lost", async () => {
    const message = (type: string, body: string) => {
      const bytes = Buffer.alloc(type.length + 4 + body.length);
      bytes.write(type + "\0\0\0\0" + body, "latin1");
      bytes.writeUInt32BE(4 + body.length, type.length);
      return bytes;
    };
    const said: Said[] = [
      [0, message("", "\x04\xd2\x16\x2f")],
      [1, "N"],
      [0, message("", "\0\x03\0\0user\0ann\0database\0shop\0\0")],
      [1, message("R", "\0\0\0\x05salt")],
      [0, message("p", "md5x\0")],
      [1, Buffer.concat([message("R", "\0\0\0\0"), message("Z", "I")])],
      [0, message("Q", "SELECT 1\0")],
      [1, Buffer.concat([message("C", "SELECT 1\0"), message("Z", "I")])],
      [0, message("Q", "DELETE x\0")],
      [1, Buffer.concat([message("E", "SERROR\0C42P01\0\0"), message("Z", "I")])]
    ];
    for (const lost of [[0], [2], [0, 1, 2], [4]]) {
      const {service, records} = await without(said, 15_432, lost);
      const rows = (records.databases ?? [])
        .filter(({command}) => command === "query")
        .map(({kind, success, error}) => [kind, success, error]);
      expect({lost, service, rows}).toEqual({
        lost,
        service: "postgresql",
        rows: [
          ["SELECT", 1, null],
          ["DELETE", 0, "42P01"]
        ]
      });
    }
  });

  it("leaves what SOCKS carries its rows, whichever of the proxy's words are lost", async () => {
    const said: Said[] = [
      [0, hex("05 02 00 02")],
      [1, hex("05 02")],
      [0, hex("01 03 616e6e 06 736563726574")],
      [1, hex("01 00")],
      [0, hex("05 01 00 03 09 612e6578616d706c65 0050")],
      [1, hex("05 00 00 01 0a000001 0400")],
      [0, get("/x")],
      [1, ok]
    ];
    for (const lost of [[1], [2], [3], [4], [2, 4]]) {
      const {service, records} = await without(said, 1080, lost);
      const rows = (records.http ?? []).map(({uri, status}) => [uri, status]);
      expect({lost, service, rows}).toEqual({lost, service: "socks", rows: [["/x", 200]]});
    }
    const bare: Said[] = [[0, hex("05 01 00")], [1, hex("05 00")], ...said.slice(4)];
    const {service, records} = await without(bare, 1080, [0]);
    expect([service, records.http?.length]).toEqual(["socks", 1]);
  });
});
