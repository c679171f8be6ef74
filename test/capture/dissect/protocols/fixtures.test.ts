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
    // gRPC is told by what HTTP/2 carries. FTP's data connections are known by the control connection that announces them (files.test.ts).
    expect([...names, "ftp-data", "grpc"].sort()).toEqual([...new Conversation(6, [1, 2]).dissection.services].sort());
  });

  for (const name of names)
    it(`${name} is recognised by its content`, () => {
      expect(replay(name).end().service).toBe(name);
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
