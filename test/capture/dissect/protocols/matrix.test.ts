import {readdirSync, readFileSync} from "node:fs";
import {basename, join} from "node:path";
import {describe, expect, it} from "vitest";
import {Conversation, protocolNumbers, type SpokenProtocol} from "../conversation.ts";

/** Every protocol's payloads, from either side, against all recognisers: its own name or none. */

const folder = join(import.meta.dirname, "fixtures");
const names = readdirSync(folder).map((file) => basename(file, ".txt"));
const payloads = (name: string) =>
  readFileSync(join(folder, `${name}.txt`), "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const [, transport, from, way, to, content] = /^(tcp|udp|sctp) (\d+) ([<>]) (\d+) (.+)$/.exec(line)!;
      const bytes = content.startsWith('"') ? Buffer.from(JSON.parse(content), "latin1") : Buffer.from(content, "hex");
      return {
        proto: protocolNumbers[transport as keyof typeof protocolNumbers],
        ports: [Number(from), Number(to)] as [number, number],
        side: way === ">" ? (0 as const) : (1 as const),
        bytes
      };
    });

const serviceOf = (proto: SpokenProtocol, ports: [number, number], side: 0 | 1, bytes: string | Uint8Array) =>
  new Conversation(proto, ports).send(side, bytes).end().service;

describe("no protocol is taken for another", () => {
  for (const name of names)
    it(`${name}, each payload alone and from either side`, () => {
      for (const {proto, ports, side, bytes} of payloads(name)) {
        expect([name, null]).toContain(serviceOf(proto, ports, side, bytes));
        expect([name, null]).toContain(serviceOf(proto, [ports[1], ports[0]], (1 - side) as 0 | 1, bytes));
      }
    });

  it("not where one word is the same", () => {
    const tcp = (port: number, side: 0 | 1, bytes: string) =>
      serviceOf(6, [40_000, port], side, Buffer.from(bytes, "latin1"));
    expect(tcp(6667, 0, "USER guest 0 * :Real Name\r\nNICK guest\r\n")).toBe("irc");
    expect(tcp(6667, 0, "USER guest host server real\r\n")).toBe("irc");
    // People put bars into their nicks, and away messages; bots their country and system.
    expect(tcp(6667, 0, "NICK [AFK|Tom2]\r\nUSER tom 0 * :Tom\r\n")).toBe("irc");
    expect(tcp(6667, 0, "NICK [USA|XP|00|SP2|68240]\r\nUSER xp 0 0 :x\r\n")).toBe("remote-access-tool");
    expect(tcp(5236, 0, "PASS a\r\nNICK n{DE|W7a}ftjgrzx\r\nUSER x 0 0 :x\r\n")).toBe("remote-access-tool");
    expect(tcp(333, 0, "InformationlkQR3Vlc3Q=lkQNolkQRevenge-RAT")).toBe("remote-access-tool");
    const framed = (via: string) =>
      tcp(8673, 0, `\0\x01\0\x01\x02\x02${String.fromCharCode(via.length)}${via}\x03\x08\x0c`);
    expect(framed("net.tcp://193.106.191.160:8673/")).toBe("remote-access-tool");
    expect(framed("net.tcp://193.106.191.160:8673/Store")).not.toBe("remote-access-tool");
    expect(framed("net.tcp://erp.firm.example:808/")).not.toBe("remote-access-tool");
    expect(tcp(3360, 0, `\x41\0\0\0\x99${"\x50".repeat(64)}`)).toBe("remote-access-tool");
    expect(tcp(3360, 0, `\x41\0\0\0\x99${"\x50".repeat(63)}`)).toBe(null);
    expect(tcp(4444, 0, `\x46\x10\x03\0MZ${"\xe8".repeat(80)}`)).toBe("remote-access-tool");
    expect(tcp(1234, 0, "Linux web01 5.4.0 x86_64 GNU/Linux\nuid=33(www-data) gid=33(www-data)\n$ ")).toBe("shell");
    expect(tcp(1234, 0, "Linux is what it runs on\n")).toBe(null);
    expect(tcp(2121, 0, "USER guest\r\n")).toBe("ftp");
    expect(tcp(2121, 1, "530 Login incorrect.\r\n")).toBe(null);
    expect(tcp(2121, 0, "530 Login incorrect.\r\n")).toBe(null);
    expect(tcp(1143, 0, "a1 LOGIN ann secret\r\n")).toBe("imap");
    // A TDS server's PRELOGIN answer, and one of its tabular results, which ends in zeros as a SOCKS request does.
    expect(
      tcp(
        1433,
        1,
        "\x04\x01\x00\x1b\x00\x00\x01\x00\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff\x0f\x00\x07\xd0\x00\x00\x02\x00"
      )
    ).toBe("mssql");
    expect(tcp(1433, 1, "\x04\x01\x00\x0d\x00\x00\x01\x00\xfd\x00\x00\x00\x00")).toBe(null);
    expect(tcp(1433, 0, "\x04\x01\x00\x0d\x00\x00\x01\x00\xfd\x00\x00\x00\x00")).toBe(null);
    expect(tcp(1080, 0, "\x04\x01\x00\x50\x0a\x00\x00\x01ann\x00")).toBe("socks");
    expect(tcp(1080, 0, "\x04\x01\x00\x50\x00\x00\x00\x01ann\x00www.example\x00")).toBe("socks");
    // A long first segment of which the words stand where MongoDB has its operation.
    expect(tcp(9000, 1, `\x16\x04\x03\x00${"\x02".repeat(8)}\x01\x00\x00\x00${"\x99".repeat(600)}`)).toBe(null);
  });

  it("not a question for an encoded NetBIOS name on port 53", () => {
    const [netbios] = payloads("netbios");
    expect(serviceOf(17, [40_000, 53], 0, netbios.bytes)).toBe("dns");
    expect(serviceOf(17, [137, 137], 0, netbios.bytes)).toBe("netbios");
  });
});
