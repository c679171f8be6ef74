import {readdirSync, readFileSync} from "node:fs";
import {basename, join} from "node:path";
import {describe, expect, it} from "vitest";
import {Conversation, protocolNumbers} from "../conversation.ts";

const folder = join(import.meta.dirname, "fixtures");
const names = readdirSync(folder).map((file) => basename(file, ".txt"));

/**
 * The conversation in a fixture: a payload per line, `tcp 40000 > 25 BYTES` from the originator's port, `<` from the
 * responder's; the bytes in hexadecimal or as a JSON string.
 */
function replay(name: string): Conversation {
  const lines = readFileSync(join(folder, `${name}.txt`), "utf8")
    .trim()
    .split("\n");
  let conversation: Conversation | null = null;
  for (const line of lines) {
    const [, transport, from, way, to, content] = /^(tcp|udp|sctp) (\d+) ([<>]) (\d+) (.+)$/.exec(line)!;
    conversation ??= new Conversation(protocolNumbers[transport as "tcp"], [Number(from), Number(to)]);
    const bytes = content.startsWith('"') ? Buffer.from(JSON.parse(content), "latin1") : Buffer.from(content, "hex");
    conversation.send(way === ">" ? 0 : 1, bytes);
  }
  return conversation!;
}

describe("every protocol", () => {
  it("has a fixture of its name", () => {
    // gRPC is told by what HTTP/2 carries. FTP's data connections and DCC's are known by the connection that announces them (files.test.ts).
    expect([...names, "dcc", "ftp-data", "grpc"].sort()).toEqual(
      [...new Conversation(6, [1, 2]).dissection.services].sort()
    );
  });

  for (const name of names)
    it(`${name} is recognised by its content`, () => {
      expect(replay(name).end().service).toBe(name);
    });

  it("is recognised by its other beginnings, too", () => {
    const begun = (transport: "tcp" | "udp", ports: readonly [number, number], ...payloads: string[]) => {
      const conversation = new Conversation(protocolNumbers[transport], [...ports]);
      for (const payload of payloads) conversation.send(0, Buffer.from(payload, "latin1"));
      return conversation.end().service;
    };
    const bytes = (hex: string) => Buffer.from(hex, "hex").toString("latin1");
    expect(begun("udp", [6771, 6771], "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\n\r\n")).toBe("bittorrent");
    expect(begun("udp", [50_000, 27_018], `\x01\x02sdping${"\0".repeat(100)}`)).toBe("steam");
    expect(begun("udp", [2944, 2944], "MEGACO/1 [192.0.2.1]\nTransaction = 1 { }")).toBe("megaco");
    expect(begun("udp", [36_455, 546], bytes("0801020300020004000100"))).toBe(null);
    expect(begun("udp", [36_455, 546], bytes("07010203000200020001"))).toBe("dhcpv6");
    // MMS whose device leaves session and presentation out.
    const request = bytes("030000130ee00000000600c1020002c2020200");
    const initiate = bytes(
      "0300002f02f080a8268002001f81010382010383020808a416800101810305e800820c03ffffffffffffffffffffff"
    );
    expect(begun("tcp", [40_000, 102], request, initiate, bytes("0300000902f0808b00"))).toBe("mms");
    expect(begun("tcp", [40_000, 102], request, bytes("0300000a02f080a80501"))).toBe(null);
    // Games, one of each kind.
    expect(begun("udp", [50_000, 7194], `${"\x31".repeat(28)}\xaa\xaa\xaa\xaa\xbb\xbb\xbb\xbb`)).toBe("online-game");
    expect(begun("tcp", [40_000, 6112], "\xf7\x1e\x10\0\x01\0\0\0\0\0\0\0\x02\0\0\0")).toBe("online-game");
    expect(begun("tcp", [40_000, 1119], bytes("4a00000a66020aed2d66"))).toBe("online-game");
    expect(begun("udp", [50_000, 7500], "\x01\0\0\0\0\0\0\0ping")).toBe("online-game");
    expect(begun("udp", [50_000, 7501], "\x01\0\0\0\0\0\0\0ping")).toBe(null);
    expect(begun("udp", [50_000, 3724], bytes(`0000030000000000000000000000400000000000`))).toBe("online-game");
  });

  it("survives its fixtures cut at every byte and with every byte changed", () => {
    for (const name of names)
      for (const line of readFileSync(join(folder, `${name}.txt`), "utf8")
        .trim()
        .split("\n")) {
        const [, transport, from, way, to, content] = /^(tcp|udp|sctp) (\d+) ([<>]) (\d+) (.+)$/.exec(line)!;
        const bytes = content.startsWith('"')
          ? Buffer.from(JSON.parse(content), "latin1")
          : Buffer.from(content, "hex");
        const side = way === ">" ? 0 : 1;
        const fresh = () => new Conversation(protocolNumbers[transport as "tcp"], [Number(from), Number(to)]);
        for (let i = 0; i < bytes.length; i++) {
          fresh().send(side, bytes.subarray(0, i)).send(side, bytes.subarray(i)).end();
          const changed = Buffer.from(bytes);
          changed[i] ^= 0xff;
          fresh().send(side, changed).send(1, changed).end();
        }
      }
  });
});
