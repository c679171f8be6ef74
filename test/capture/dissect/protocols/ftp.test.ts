import {describe, expect, it} from "vitest";
import {Conversation} from "../conversation.ts";

const rows = (flow: Conversation) =>
  (flow.records.ftp ?? []).map(({user, command, argument, reply_code, reply}) => [
    user,
    command,
    argument,
    reply_code,
    reply
  ]);

describe("FTP", () => {
  it("has commands with their final replies, and no password", () => {
    const flow = new Conversation(6, [40000, 2121]).send(1, "220-Welcome\r\n123 of this FTP\r\n220 server\r\n");
    flow
      .send(0, "USER ann\r\n")
      .send(1, "331 Password, please\r\n")
      .send(0, "PASS s3cret\r\n")
      .send(1, "230 Hello\r\n");
    flow
      .send(0, "retr a b.txt\r\n")
      .send(1, "150 Opening\r\n")
      .send(1, "226 Done\r\n")
      .send(0, "ACCT s3cret\r\nSITE s3cret\r\n");
    flow.send(1, "202-No\r\n 230 indeed\r\n202 need\r\n500 What?\r\n").send(0, "s3cret\r\nQUIT\r\n");
    expect(flow.end().service).toBe("ftp");
    expect(rows(flow)).toEqual([
      ["ann", "USER", null, 331, "Password, please"],
      ["ann", "PASS", null, 230, "Hello"],
      ["ann", "RETR", "a b.txt", 226, "Done"],
      ["ann", "ACCT", null, 202, "need"],
      ["ann", "SITE", null, 500, "What?"],
      ["ann", "QUIT", null, null, null]
    ]);
    expect(JSON.stringify(rows(flow))).not.toContain("s3cret");
    expect(flow.dissection.heldBytes).toBe(0);
  });

  it("takes a late greeting for no answer, and is known at its port midway", () => {
    const flow = new Conversation(6, [40000, 21]).send(0, "USER ann\r\nPASS x\r\n");
    flow.send(1, "220 late\r\n331 who\r\n").send(1, "230 Hello\r\n").end();
    expect(rows(flow)).toEqual([
      ["ann", "USER", null, 331, "who"],
      ["ann", "PASS", null, 230, "Hello"]
    ]);
    const midway = new Conversation(6, [40000, 21]).send(1, "226-File\r\n226 done\r\n").send(0, "MDTM a\r\n");
    midway.send(1, "213 20140327165243\r\n");
    expect(midway.end().service).toBe("ftp");
    expect(rows(midway)).toEqual([[null, "MDTM", "a", 213, "20140327165243"]]);
  });

  it("is read where only the client's first command tells, in segments of any size and order", () => {
    const flow = new Conversation(6, [40000, 21]).send(1, "220 mirror\r\n");
    flow.send(0, "USER anonymous\r\n").send(1, "331 ok", 12).send(1, "ay\r\n").send(0, "CWD /pub\r\n", 16);
    flow.send(1, "d\r\n", 27).send(1, "250 ", 22);
    flow.end();
    expect(rows(flow)).toEqual([
      ["anonymous", "USER", null, 331, "okay"],
      ["anonymous", "CWD", "/pub", null, null]
    ]);
  });

  it("turns to TLS after AUTH", () => {
    const flow = new Conversation(6, [40000, 21]).send(1, "220 FTP\r\n").send(0, "AUTH TLS\r\n").send(1, "234 Go\r\n");
    expect(flow.wanted).toBe(true);
    expect(flow.take().records.ftp!.map(({command, argument, reply_code}) => [command, argument, reply_code])).toEqual([
      ["AUTH", "TLS", 234]
    ]);
  });

  it("holds no endless line", () => {
    const flow = new Conversation(6, [40000, 21]).send(1, "220 FTP\r\n").send(0, "USER a\r\n");
    for (let i = 0; i < 40; i++) flow.send(0, "x".repeat(1000)).send(1, "y".repeat(1000));
    expect(flow.wanted).toBe(false);
    flow.end();
    expect(flow.dissection.counters.givenUp).toBe(2);
    expect(flow.dissection.heldBytes).toBe(0);
  });
});
