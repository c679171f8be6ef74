import {describe, expect, it} from "vitest";
import {Conversation} from "../conversation.ts";

/** Behind a session header of its length (RFC 1002 §4.3.1). */
function framed(...messages: Buffer[]): Buffer {
  const whole = Buffer.concat(messages);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(whole.length);
  return Buffer.concat([head, whole]);
}

/** An SMB 2 message ([MS-SMB2] §2.2.1.2). */
function smb2(command: number, id: number, body: Buffer, {status = -1, tree = 0, next = 0} = {}): Buffer {
  const head = Buffer.alloc(64);
  head.write("\xfeSMB", "latin1");
  head.writeUInt16LE(64, 4);
  if (status >= 0) head.writeUInt32LE(status, 8);
  head.writeUInt16LE(command, 12);
  head.writeUInt32LE(status >= 0 ? 1 : 0, 16);
  head.writeUInt32LE(next, 20);
  head.writeUInt32LE(id, 24);
  head.writeUInt32LE(tree, 36);
  return Buffer.concat([head, body]);
}

/** A body of fixed size with the place of a text behind it. */
function withPath(size: number, offsetAt: number, path: string): Buffer {
  const body = Buffer.alloc(size);
  body.writeUInt16LE(64 + size, offsetAt);
  body.writeUInt16LE(2 * path.length, offsetAt + 2);
  return Buffer.concat([body, Buffer.from(path, "utf16le")]);
}

const dialect = (revision: number) => {
  const body = Buffer.alloc(64);
  body.writeUInt16LE(revision, 4);
  return body;
};
const connect = (path: string) => withPath(8, 4, path);
const create = (path: string) => withPath(56, 44, path);
const empty = Buffer.alloc(16);

const rows = (flow: Conversation) =>
  (flow.records.smb ?? []).map(({version, command, share, path, status}) => [version, command, share, path, status]);
const session = () =>
  new Conversation(6, [40000, 445])
    .send(0, framed(smb2(0, 0, empty)))
    .send(1, framed(smb2(0, 0, dialect(0x0311), {status: 0})));
const connected = () =>
  session()
    .send(0, framed(smb2(3, 4, connect("\\\\fs\\docs"))))
    .send(1, framed(smb2(3, 4, empty, {status: 0, tree: 9})));
const agreed = ["3.1.1", "negotiate", null, null, 0];
const opened = ["3.1.1", "tree_connect", "\\\\fs\\docs", null, 0];

describe("SMB", () => {
  it("has dialect, share, file and status of requests that open or close something", () => {
    const flow = connected().send(0, framed(smb2(5, 5, create("a\\b\u00e4.txt"), {tree: 9})));
    // Pending first, then denied.
    flow.send(1, framed(smb2(5, 5, empty, {status: 0x103}))).send(1, framed(smb2(5, 5, empty, {status: 0xc0000022})));
    flow.send(0, framed(smb2(8, 6, empty, {tree: 9}))).send(0, framed(smb2(4, 7, empty, {tree: 9})));
    expect(flow.end().service).toBe("smb");
    expect(rows(flow)).toEqual([
      agreed,
      opened,
      ["3.1.1", "create", "\\\\fs\\docs", "a\\b\u00e4.txt", 0xc0000022],
      ["3.1.1", "tree_disconnect", "\\\\fs\\docs", null, null]
    ]);
  });

  it("reads all of several messages in one, and passes over what is written between others", () => {
    const first = smb2(5, 5, create("x"), {tree: 9, next: 64 + 56 + 8});
    const padded = Buffer.concat([first, Buffer.alloc(64 + 56 + 8 - first.length)]);
    const flow = connected().send(0, framed(padded, smb2(5, 6, create(""), {tree: 9})));
    const write = framed(smb2(9, 7, Buffer.alloc(100_000, 0xee), {tree: 9}));
    for (let at = 0; at < write.length; at += 1400) flow.send(0, write.subarray(at, Math.min(at + 1400, write.length)));
    flow.send(0, framed(smb2(2, 8, empty))).send(1, framed(smb2(2, 8, empty, {status: 0})));
    flow.end();
    expect(rows(flow)).toEqual([
      agreed,
      opened,
      ["3.1.1", "logoff", null, null, 0],
      ["3.1.1", "create", "\\\\fs\\docs", "x", null],
      ["3.1.1", "create", "\\\\fs\\docs", "", null]
    ]);
    expect(flow.dissection.heldBytes).toBe(0);
  });

  it("goes on behind what was cut of a write, and finds the next message where anything else is missing", () => {
    const flow = connected();
    const write = framed(smb2(9, 7, Buffer.alloc(9000), {tree: 9}));
    flow.send(0, write.subarray(0, 6000), undefined, write.length - 6000).send(0, framed(smb2(2, 8, empty)));
    flow
      .send(0, framed(smb2(5, 9, create("lost"))).subarray(0, 20), undefined, 100)
      .send(0, framed(smb2(1, 10, empty)));
    flow.end();
    expect(rows(flow).map(([, command]) => command)).toEqual(["negotiate", "tree_connect", "logoff", "session_setup"]);
  });

  it("is silent of encrypted messages, and gives up where something else comes", () => {
    const flow = session().send(0, framed(Buffer.from("\xfdSMB and what nobody can read", "latin1")));
    expect(flow.wanted).toBe(true);
    flow.send(0, "no SMB at all, but long enough").send(1, framed(Buffer.from("nothing of SMB")));
    flow.end();
    expect(rows(flow)).toEqual([agreed]);
    expect(flow.dissection.heldBytes).toBe(0);
  });

  it("keeps a limited number of requests without answers", () => {
    const flow = session();
    for (let id = 1; id <= 100; id++) flow.send(0, framed(smb2(5, id, create(`f${id}`), {tree: 9})));
    flow.take();
    expect(rows(flow).length).toBe(1 + 36);
    flow.end();
    expect(rows(flow).map(([, , , path]) => path)).toEqual([null, ...Array.from({length: 100}, (_, i) => `f${i + 1}`)]);
  });
});
