import {createHash} from "node:crypto";
import {describe, expect, it} from "vitest";
import {Conversation} from "../conversation.ts";
import * as rpc from "./rpc-messages.ts";
import {ntlmAuthenticate, ntlmChallenge} from "./rpc-messages.ts";
import {body, connect, create, dialect, empty, framed, smb2, token} from "./smb-messages.ts";

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

/** A login of ann, and the share `share`. */
function loggedOn(share: string) {
  const flow = session().send(0, framed(smb2(1, 1, token(24, 12, Buffer.from("NTLMSSP\0\u0001\0\0\0\0\0", "latin1")))));
  flow.send(
    1,
    framed(smb2(1, 1, token(8, 4, ntlmChallenge("FS", "EXAMPLE", "fs.example.test")), {status: 0xc0000016}))
  );
  flow.send(0, framed(smb2(1, 2, token(24, 12, ntlmAuthenticate("ann", "EXAMPLE", "PC7")))));
  flow.send(1, framed(smb2(1, 2, empty, {status: 0})));
  return flow.send(0, framed(smb2(3, 3, connect(share)))).send(1, framed(smb2(3, 3, empty, {status: 0, tree: 9})));
}

/** Opens a file of 700 bytes, of identifier `file`. */
const openFile = (flow: Conversation, id: number, path: string, file: number) =>
  flow
    .send(0, framed(smb2(5, id, create(path), {tree: 9})))
    .send(1, framed(smb2(5, id, body(88, {4: 1, 48: 700, 64: file, 72: 1}), {status: 0, tree: 9})));

const full = (flow: Conversation) =>
  (flow.records.smb ?? []).map(({command, path, status, user, action, size, new_path, pipe}) => [
    command,
    path,
    status,
    user,
    action,
    size,
    new_path,
    pipe
  ]);

describe("SMB files, users and pipes", () => {
  it("has who logs on, and sums what is read of and written to a file until it is closed", () => {
    const flow = openFile(loggedOn("\\\\fs\\docs"), 5, "a.txt", 77);
    for (let id = 6; id < 9; id++) {
      flow.send(0, framed(smb2(8, id, body(48, {4: 300, 16: 77, 24: 1}), {tree: 9})));
      const read = Buffer.from([17, 0, 80, 0, 44, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
      flow.send(1, framed(smb2(8, id, Buffer.concat([read, Buffer.alloc(300, 1)]), {status: 0, tree: 9})));
    }
    flow.send(
      0,
      framed(smb2(9, 9, body(48, {0: 49 | (112 << 16), 4: 50, 16: 77, 24: 1}, Buffer.alloc(50)), {tree: 9}))
    );
    flow.send(1, framed(smb2(9, 9, body(16, {0: 17, 4: 50}), {status: 0, tree: 9})));
    flow
      .send(0, framed(smb2(6, 10, body(24, {8: 77, 16: 1}), {tree: 9})))
      .send(1, framed(smb2(6, 10, empty, {status: 0})));
    flow.end();
    const who = "EXAMPLE\\ann";
    expect(full(flow).slice(1)).toEqual([
      ["session_setup", null, 0xc0000016, null, null, null, null, null],
      ["session_setup", null, 0, who, null, null, null, null],
      ["tree_connect", null, 0, who, null, null, null, null],
      ["create", "a.txt", 0, who, "open", 700, null, null],
      ["read", "a.txt", 0, who, "read", 900, null, null],
      ["write", "a.txt", 0, who, "write", 50, null, null]
    ]);
    expect(
      (flow.records.ntlm ?? []).map(({carrier, user, domain, host, server_name, success, status}) => [
        carrier,
        user,
        domain,
        host,
        server_name,
        success,
        status
      ])
    ).toEqual([["smb", "ann", "EXAMPLE", "PC7", "FS", 1, 0]]);
    expect(flow.dissection.heldBytes).toBe(0);
  });

  it("tells of what is renamed and deleted", () => {
    const flow = openFile(loggedOn("\\\\fs\\docs"), 5, "a.txt", 77);
    const name = Buffer.from("old\\b.txt", "utf16le");
    const renamed = body(20, {16: name.length}, name);
    flow.send(
      0,
      framed(
        smb2(17, 6, body(32, {0: 33 | (1 << 16) | (10 << 24), 4: renamed.length, 8: 96, 16: 77, 24: 1}, renamed), {
          tree: 9
        })
      )
    );
    flow.send(1, framed(smb2(17, 6, empty, {status: 0})));
    flow.send(
      0,
      framed(
        smb2(17, 7, body(32, {0: 33 | (1 << 16) | (13 << 24), 4: 1, 8: 96, 16: 77, 24: 1}, Buffer.from([1])), {tree: 9})
      )
    );
    flow.send(1, framed(smb2(17, 7, empty, {status: 0xc0000022})));
    flow.end();
    expect(full(flow).slice(-2)).toEqual([
      ["rename", "a.txt", 0, "EXAMPLE\\ann", "rename", null, "old\\b.txt", null],
      ["delete", "a.txt", 0xc0000022, "EXAMPLE\\ann", null, null, null, null]
    ]);
  });

  it("reads remote procedure calls within a pipe, written, read and both at once", () => {
    const flow = openFile(loggedOn("\\\\fs\\IPC$"), 5, "svcctl", 77);
    const write = (id: number, bytes: Buffer) =>
      flow
        .send(0, framed(smb2(9, id, body(48, {0: 49 | (112 << 16), 4: bytes.length, 16: 77, 24: 1}, bytes), {tree: 9})))
        .send(1, framed(smb2(9, id, body(16, {0: 17, 4: bytes.length}), {status: 0, tree: 9})));
    const read = (id: number, bytes: Buffer, status = 0) => {
      flow.send(0, framed(smb2(8, id, body(48, {4: 1024, 16: 77, 24: 1}), {tree: 9})));
      flow.send(1, framed(smb2(8, id, body(16, {0: 17 | (80 << 16), 4: bytes.length}, bytes), {status, tree: 9})));
    };
    const offer = rpc.bind(1, [rpc.uuids.svcctl]);
    write(6, offer.subarray(0, 9));
    write(7, offer.subarray(9));
    const answer = rpc.bindAck(1, [0, 2]);
    read(8, answer.subarray(0, 30), 0x80000005);
    read(9, answer.subarray(30));
    const [call, told] = [rpc.request(2, 12, Buffer.alloc(180)), rpc.response(2, rpc.returning(0))];
    flow.send(
      0,
      framed(smb2(11, 10, body(56, {4: 0x11c017, 8: 77, 16: 1, 24: 120, 28: call.length}, call), {tree: 9}))
    );
    flow.send(
      1,
      framed(smb2(11, 10, body(48, {0: 49, 4: 0x11c017, 8: 77, 16: 1, 32: 112, 36: told.length}, told), {status: 0}))
    );
    flow.end();
    expect(
      (flow.records.dcerpc ?? []).map(({transport, pipe, interface: its, operation, status, return_code}) => [
        transport,
        pipe,
        its,
        operation,
        status,
        return_code
      ])
    ).toEqual([
      ["pipe", "svcctl", "svcctl", null, 0, null],
      ["pipe", "svcctl", "svcctl", "CreateServiceW", 0, 0]
    ]);
    const sums = full(flow).slice(-2);
    expect(sums.map((row) => [row[0], row[5], row[7]])).toEqual([
      ["read", answer.length + told.length, "svcctl"],
      ["write", offer.length + call.length, "svcctl"]
    ]);
    expect(flow.dissection.heldBytes).toBe(0);
  });

  it("forgets the file opened longest ago where too many are open", () => {
    const flow = loggedOn("\\\\fs\\docs");
    for (let i = 0; i < 100; i++) {
      openFile(flow, 5 + 2 * i, `f${i}`, 1000 + i);
      flow.send(
        0,
        framed(
          smb2(9, 6 + 2 * i, body(48, {0: 49 | (112 << 16), 4: 5, 16: 1000 + i, 24: 1}, Buffer.alloc(5)), {tree: 9})
        )
      );
      flow.send(1, framed(smb2(9, 6 + 2 * i, body(16, {0: 17, 4: 5}), {status: 0, tree: 9})));
    }
    flow.take();
    expect(full(flow).filter(([command]) => command === "write").length).toBe(36);
    flow.end();
    expect(full(flow).filter(([command]) => command === "write").length).toBe(100);
  });
});

describe("SMB files' contents", () => {
  const content = Buffer.from(Array.from({length: 12_000}, (_, i) => (i * 7 + (i >> 8)) & 255));
  const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
  const opening = (flow: Conversation, size: number) =>
    flow
      .send(0, framed(smb2(5, 5, create("in\\\\plan.doc"), {tree: 9})))
      .send(1, framed(smb2(5, 5, body(88, {4: 1, 48: size, 64: 77, 72: 1}), {status: 0, tree: 9})));
  const closing = (flow: Conversation) =>
    flow
      .send(0, framed(smb2(6, 90, body(24, {8: 77, 16: 1}), {tree: 9})))
      .send(1, framed(smb2(6, 90, body(60, {}), {status: 0, tree: 9})));
  const asksFor = (id: number, offset: number, length: number) =>
    framed(smb2(8, id, body(48, {4: length, 8: offset, 16: 77, 24: 1}), {tree: 9}));
  const answer = (id: number, bytes: Uint8Array) =>
    framed(smb2(8, id, body(16, {0: 17 | (80 << 16), 4: bytes.length}, bytes), {status: 0, tree: 9}));
  const writes = (id: number, offset: number, bytes: Uint8Array) =>
    framed(smb2(9, id, body(48, {0: 49 | (112 << 16), 4: bytes.length, 8: offset, 16: 77, 24: 1}, bytes), {tree: 9}));
  const inPieces = (flow: Conversation, side: 0 | 1, bytes: Buffer, size = 1460) => {
    for (let at = 0; at < bytes.length; at += size) flow.send(side, bytes.subarray(at, at + size));
  };
  const filesOf = (flow: Conversation) => {
    flow.end();
    expect(flow.dissection.heldBytes).toBe(0);
    return (flow.records.files ?? []).map((row) => [
      row.protocol,
      row.sent_by,
      row.name,
      row.size,
      row.declared_size,
      row.complete,
      row.sha256
    ]);
  };

  it("are those that were read, in parts and again, over many segments", () => {
    const flow = opening(loggedOn("\\\\fs\\docs"), 12_000);
    for (const [id, offset, length] of [
      [6, 0, 100],
      [7, 0, 9000],
      [8, 9000, 3000]
    ]) {
      flow.send(0, asksFor(id, offset, length));
      inPieces(flow, 1, answer(id, content.subarray(offset, offset + length)));
    }
    expect(filesOf(closing(flow))).toEqual([["smb", "responder", "plan.doc", 12_000, 12_000, 1, sha256(content)]]);
  });

  it("are those that were written, unless something is written over", () => {
    const flow = opening(loggedOn("\\\\fs\\docs"), 0);
    inPieces(flow, 0, writes(6, 0, content.subarray(0, 8000)));
    inPieces(flow, 0, writes(7, 8000, content.subarray(8000)));
    expect(filesOf(closing(flow))).toEqual([["smb", "originator", "plan.doc", 12_000, null, 1, sha256(content)]]);
    const over = opening(loggedOn("\\\\fs\\docs"), 0);
    inPieces(over, 0, writes(6, 0, content));
    inPieces(over, 0, writes(7, 0, Buffer.from("another beginning")));
    expect(filesOf(closing(over))).toEqual([["smb", "originator", "plan.doc", 12_000, null, 0, null]]);
  });

  it("have no digest where a part is missing, was not asked for, or cut", () => {
    const skipped = opening(loggedOn("\\\\fs\\docs"), 12_000).send(0, asksFor(6, 5000, 7000));
    inPieces(skipped, 1, answer(6, content.subarray(5000)));
    expect(filesOf(closing(skipped))).toEqual([["smb", "responder", "plan.doc", 7000, 12_000, 0, null]]);
    const part = opening(loggedOn("\\\\fs\\docs"), 12_000).send(0, asksFor(6, 0, 5000));
    inPieces(part, 1, answer(6, content.subarray(0, 5000)));
    expect(filesOf(closing(part))).toEqual([["smb", "responder", "plan.doc", 5000, 12_000, 0, null]]);
    const cut = opening(loggedOn("\\\\fs\\docs"), 12_000).send(0, asksFor(6, 0, 12_000));
    const sent = answer(6, content);
    cut.send(1, sent.subarray(0, 6000), undefined, sent.length - 6000);
    expect(filesOf(closing(cut))).toEqual([["smb", "responder", "plan.doc", 6000 - 84, 12_000, 0, null]]);
  });

  it("are not what pipes carry", () => {
    const flow = opening(loggedOn("\\\\fs\\IPC$"), 0).send(0, asksFor(6, 0, 1024));
    flow.send(1, answer(6, Buffer.from("not a file"))).send(0, writes(7, 0, Buffer.from("nor this")));
    expect(filesOf(closing(flow))).toEqual([]);
  });
});

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
      ["3.1.1", "create", "\\\\fs\\docs", "", null],
      ["3.1.1", "write", "\\\\fs\\docs", null, null]
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

  /** A message that is compressed ([MS-SMB2] §2.2.42): how long it becomes, flags, and how much before it is not compressed. */
  const compressed = (becomes: number, flags: number, plain: number) => {
    const head = Buffer.alloc(16);
    head.write("\xfcSMB", "latin1");
    head.writeUInt32LE(becomes, 4);
    head.writeUInt16LE(1, 8);
    head.writeUInt16LE(flags, 10);
    head.writeUInt32LE(plain, 12);
    return framed(Buffer.concat([head, Buffer.alloc(40, "compressed")]));
  };
  const claims = (flow: Conversation) =>
    (flow.records.smb ?? []).filter(({command}) => command === "compression_transform").map(({size}) => size);

  it("tells of compressed messages that claim to become longer than one can be", () => {
    const flow = session()
      // The longest one, in one piece, with a beginning that is not compressed, and as one of several, whose second word is its own length.
      .send(0, compressed(0xffffff, 0, 0))
      .send(1, compressed(0xffff00, 0, 0xff))
      .send(0, compressed(0xffffff, 1, 0xffffffff))
      .send(0, compressed(0x1000000, 0, 0))
      .send(0, compressed(0xffffff, 0, 1))
      .send(1, compressed(0x1000000, 1, 0))
      .send(0, compressed(0xffffffff, 0, 0xffffffff));
    flow.end();
    expect(claims(flow)).toEqual([0x1000000, 0x1000000, 0x1000000, 0x1fffffffe]);
    expect(rows(flow).slice(1)).toEqual(Array(4).fill(["3.1.1", "compression_transform", null, null, null]));
    expect(flow.dissection.heldBytes).toBe(0);
  });

  it("believes a compressed message only with its whole head", () => {
    const cut = framed(compressed(0x1000000, 0, 0).subarray(4, 19));
    const flow = session()
      .send(0, cut)
      .send(0, framed(smb2(2, 8, empty)));
    flow.end();
    expect(rows(flow).map(([, command]) => command)).toEqual(["negotiate", "logoff"]);
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
