import {describe, expect, it} from "vitest";
import {Conversation} from "../conversation.ts";
import {ntlmAuthenticate, ntlmChallenge} from "./rpc-messages.ts";

const rows = (flow: Conversation) =>
  (flow.records.ntlm ?? []).map((row) => [
    row.carrier,
    row.user,
    row.domain,
    row.host,
    row.server_name,
    row.success,
    row.status
  ]);
const request = (field = "") => `GET / HTTP/1.1\r\nHost: a.test\r\n${field}\r\n`;
const response = (status: number, field = "") => `HTTP/1.1 ${status} x\r\n${field}Content-Length: 0\r\n\r\n`;
const who = ntlmAuthenticate("ann", "EXAMPLE", "PC7").toString("base64");
const challenge = ntlmChallenge("WEB", "EXAMPLE", "web.example.test").toString("base64");
const hello = Buffer.from("NTLMSSP\0\u0001\0\0\0\0\0\0\0", "latin1").toString("base64");

describe("NTLM", () => {
  it("is read in header fields of HTTP, with the outcome of each authentication", () => {
    const flow = new Conversation(6, [40_000, 80]);
    for (const status of [401, 200]) {
      flow.send(0, request()).send(1, response(401, "WWW-Authenticate: NTLM\r\n"));
      flow.send(0, request(`Authorization: NTLM ${hello}\r\n`));
      flow.send(1, response(401, `WWW-Authenticate: NTLM ${challenge}\r\n`));
      flow.send(0, request(`Authorization: NTLM ${who}\r\n`)).send(1, response(status));
    }
    flow.end();
    expect(rows(flow)).toEqual([
      ["http", "ann", "EXAMPLE", "PC7", "WEB", 0, 401],
      ["http", "ann", "EXAMPLE", "PC7", "WEB", 1, 200]
    ]);
    expect((flow.records.http ?? []).every(({user}) => user === null)).toBe(true);
  });

  it("is read in a proxy's fields, and without an answer its outcome is not known", () => {
    const flow = new Conversation(6, [40_000, 3128])
      .send(0, request(`Proxy-Authorization: Negotiate ${hello}\r\n`))
      .send(1, response(407, `Proxy-Authenticate: Negotiate ${challenge}\r\n`))
      .send(0, request(`Proxy-Authorization: Negotiate ${who}\r\n`));
    flow.end();
    expect(rows(flow)).toEqual([["http", "ann", "EXAMPLE", "PC7", "WEB", null, null]]);
  });

  it("is not seen in other schemes, nor in what is no base64", () => {
    const flow = new Conversation(6, [40_000, 80]);
    for (const value of ["Basic YW5uOng=", "NTLM", "NTLM !!!!", "Negotiate YIIB", `Bearer ${who}`])
      flow.send(0, request(`Authorization: ${value}\r\n`)).send(1, response(200));
    flow.end();
    expect(rows(flow)).toEqual([]);
  });

  it("gives names that are not whole as NULL, and throws at no truncation", () => {
    const whole = ntlmAuthenticate("ann", "EXAMPLE", "PC7");
    for (let length = 12; length <= whole.length; length++) {
      const flow = new Conversation(6, [40_000, 80]);
      flow.send(0, request(`Authorization: NTLM ${whole.subarray(0, length).toString("base64")}\r\n`)).end();
      const [row] = rows(flow);
      expect([null, "ann"]).toContain(row[1]);
    }
  });

  it("has user and domain of an old SMB 1 login, and not its responses", () => {
    const words = Buffer.alloc(26);
    words[0] = 0xff;
    words.writeUInt16LE(24, 14);
    words.writeUInt16LE(24, 16);
    const text = Buffer.concat([Buffer.alloc(48, 0xab), Buffer.from("bob\0HOME\0Unix\0Samba\0", "latin1")]);
    const smb = (flags: number, status: number, command: number, wordBytes: Buffer, data: Buffer) => {
      const head = Buffer.alloc(32);
      head.write("\xffSMB", "latin1");
      head[4] = command;
      head.writeUInt32LE(status, 5);
      head[9] = flags;
      head.writeUInt16LE(7, 28);
      const count = Buffer.alloc(2);
      count.writeUInt16LE(data.length);
      const message = Buffer.concat([head, Buffer.from([wordBytes.length / 2]), wordBytes, count, data]);
      const frame = Buffer.alloc(4);
      frame.writeUInt32BE(message.length);
      return Buffer.concat([frame, message]);
    };
    const flow = new Conversation(6, [40_000, 139])
      .send(0, smb(0, 0, 0x73, words, text))
      .send(1, smb(0x80, 0xc000006d, 0x73, Buffer.alloc(0), Buffer.alloc(0)));
    flow.end();
    expect(rows(flow)).toEqual([["smb", "bob", "HOME", null, null, 0, 0xc000006d]]);
    expect((flow.records.smb ?? []).map(({command, user, status}) => [command, user, status])).toEqual([
      ["session_setup", "HOME\\bob", 0xc000006d]
    ]);
  });
});
