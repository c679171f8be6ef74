import {createHash} from "node:crypto";
import {describe, expect, it} from "vitest";
import {Conversation} from "../conversation.ts";

const base64 = (text: string) => Buffer.from(text, "latin1").toString("base64");
const attachment = "MZ".padEnd(200, "\0\x01\xff");
const lines = (...all: string[]) => all.map((line) => `${line}\r\n`).join("");

const text = lines(
  "From: Ann <ann@a.example>",
  "To: bob@b.example,",
  "\tcarl@b.example",
  "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=",
  "Message-ID: <1@a.example>",
  "X-Mailer: unit 1",
  "X-Other: name=none.txt",
  'Content-Type: multipart/mixed; boundary="=="',
  "",
  "--==",
  "Content-Type: text/plain",
  "",
  "From: nobody",
  "password",
  "--==",
  'Content-Type: application/pdf; name="invoice.pdf"',
  "Content-Transfer-Encoding: base64",
  "Content-Disposition: attachment;",
  '\tfilename="invoice.pdf"',
  "",
  base64(attachment).slice(0, 76),
  base64(attachment).slice(76),
  "--==--",
  "."
);

/** A session up to the mail's text; `said` are the client's lines with their replies. */
const session = (...more: readonly (readonly [string, string])[]) => {
  const flow = new Conversation(6, [40000, 25]).send(1, "220 mail ESMTP\r\n");
  const envelope = [
    ["EHLO pc.a.example\r\n", "250-mail\r\n250 STARTTLS\r\n"],
    ["AUTH PLAIN\r\n", "334 \r\n"],
    [`${base64("\0ann\0secret")}\r\n`, "235 ok\r\n"],
    ["MAIL FROM:<ann@a.example> SIZE=9\r\n", "250 ok\r\n"],
    ["RCPT TO:<bob@b.example>\r\n", "250 ok\r\n"]
  ] as const;
  for (const [asked, answered] of [...envelope, ...more]) flow.send(0, asked).send(1, answered);
  return flow;
};

const row = {
  ...{client_name: "pc.a.example", user: "ann", sender: "ann@a.example", recipients: "bob@b.example"},
  ...{header_from: null, header_to: null, subject: null, message_id: null, agent: null, attachments: null},
  ...{protocol: "smtp", command: "send", success: null, auth: null, size: null, status: null}
} as Record<string, unknown>;
const rows = (flow: Conversation) =>
  (flow.records.mail ?? [])
    .filter(({command}) => command !== "login")
    .map(({flow_id, capture_sha256, ts, ...rest}) => rest);
const logins = (flow: Conversation) =>
  (flow.records.mail ?? [])
    .filter(({command}) => command === "login")
    .map(({user, auth, success, status}) => ({user, auth, success, status}));

describe("mail", () => {
  it("tells envelope, headers and attachments, and never a text or a password", () => {
    for (const cut of [text.length, 10, 1]) {
      const flow = session(["RCPT TO:<carl@b.example>\r\n", "250 ok\r\n"], ["DATA\r\n", "354 go\r\n"]);
      for (let at = 0; at < text.length; at += cut) flow.send(0, text.slice(at, at + cut));
      flow.send(1, "250 queued\r\n").send(0, "QUIT\r\n").send(1, "221 bye\r\n");
      expect(flow.end().service).toBe("smtp");
      expect(logins(flow)).toEqual([{user: "ann", auth: "password", success: 1, status: 235}]);
      expect(flow.dissection.heldBytes).toBe(0);
      expect(rows(flow)).toEqual([
        {
          ...{...row, recipients: "bob@b.example,carl@b.example", header_from: "Ann <ann@a.example>"},
          ...{header_to: "bob@b.example, carl@b.example", subject: "=?utf-8?q?Gr=C3=BC=C3=9Fe?="},
          ...{message_id: "<1@a.example>", agent: "unit 1", attachments: "invoice.pdf"},
          ...{size: text.length - 3, status: 250}
        }
      ]);
      expect(flow.records.files!.map(({flow_id, capture_sha256, ts, ...rest}) => rest)).toEqual([
        {
          ...{protocol: "smtp", sent_by: "originator", name: "invoice.pdf", declared_type: "application/pdf"},
          ...{
            found_type: "application/x-dosexec",
            attack_sign: null,
            encoding: null,
            size: 200,
            declared_size: null,
            complete: 1
          },
          md5: createHash("md5").update(attachment, "latin1").digest("hex"),
          sha256: createHash("sha256").update(attachment, "latin1").digest("hex")
        }
      ]);
    }
  });

  it("tells of a mail that is refused, and of one whose end was not seen", () => {
    const refused = session(["DATA\r\n", "554 no\r\n"]);
    refused.end();
    expect(rows(refused)).toEqual([{...row, status: 554}]);
    const cut = session(["DATA\r\n", "354 go\r\n"]).send(0, "Subject: x\r\n\r\nhel");
    cut.end();
    expect(rows(cut)).toEqual([{...row, subject: "x", size: 14}]);
  });

  it("follows a mail in chunks, sent with its envelope at once (BDAT, RFC 3030)", () => {
    const mail = "Subject: x\r\n\r\nBDAT 5\r\nno end of a line";
    const said = lines("MAIL FROM:<ann@a.example>", "RCPT TO:<bob@b.example>", "BDAT 10") + mail.slice(0, 10);
    const last = `BDAT ${mail.length - 10} LAST\r\n${mail.slice(10)}QUIT\r\n`;
    for (const cut of [1000, 7, 1]) {
      const flow = session();
      const all = said + last;
      for (let at = 0; at < all.length; at += cut) flow.send(0, all.slice(at, at + cut));
      flow
        .send(1, lines("250 ok", "250 ok", "250 10 octets"))
        .send(1, lines("250 queued", "221 bye"))
        .end();
      expect(rows(flow)).toEqual([row, {...row, subject: "x", size: mail.length, status: 250}]);
      expect(flow.dissection.heldBytes).toBe(0);
    }
  });

  it("takes a mail whose client awaits no reply, and a refusal of its recipient", () => {
    const mail = lines("DATA", "Subject: x", "", "hello", ".", "QUIT");
    const replies = lines("250 ok", "354 go", "250 queued", "221 bye");
    for (const answered of [replies, lines("550 nobody", "354 go", "250 queued", "221 bye")]) {
      const flow = new Conversation(6, [40000, 25]).send(
        0,
        lines("HELO pc", "MAIL FROM:<ann@a.example>", "RCPT TO:<b>")
      );
      flow
        .send(0, mail)
        .send(1, lines("220 mail ESMTP", "250 mail", "250 ok") + answered)
        .end();
      const status = 250;
      expect(rows(flow)).toEqual([
        {...row, client_name: "pc", user: null, recipients: "b", subject: "x", size: 21, status}
      ]);
    }
  });

  it("goes on where a proxy opened what TLS was agreed for", () => {
    const flow = session(["STARTTLS\r\n", "220 go\r\n"]);
    flow.send(0, "EHLO pc\r\n").send(1, "250 mail\r\n").send(0, "MAIL FROM:<eve@a.example>\r\n").send(1, "250 ok\r\n");
    flow.send(0, "RCPT TO:<bob@b.example>\r\n").send(1, "250 ok\r\n").send(0, "DATA\r\n").send(1, "354 go\r\n");
    flow.send(0, "Subject: x\r\n\r\n.\r\n").send(1, "250 queued\r\n").end();
    expect(rows(flow)).toEqual([
      row,
      {...row, client_name: "pc", user: null, sender: "eve@a.example", subject: "x", size: 14, status: 250}
    ]);
  });

  it("takes the name of LOGIN and none of what it says later", () => {
    const flow = new Conversation(6, [40000, 25]).send(1, "220 mail ESMTP\r\n");
    flow
      .send(0, "AUTH LOGIN\r\n")
      .send(1, "334 VXNlcm5hbWU6\r\n")
      .send(0, `${base64("bob")}\r\n`);
    flow
      .send(1, "334 UGFzc3dvcmQ6\r\n")
      .send(0, `${base64("MAIL FROM:<x>")}\r\n`)
      .send(1, "235 ok\r\n");
    flow.send(0, "MAIL FROM:<>\r\n").send(1, "250 ok\r\n").end();
    expect(rows(flow)).toEqual([{...row, client_name: null, user: "bob", sender: "", recipients: null}]);
  });
});

/** Rows without what is empty. */
const mailbox = (flow: Conversation) => {
  flow.end();
  expect(flow.dissection.heldBytes).toBe(0);
  return (flow.records.mail ?? []).map(({flow_id, capture_sha256, ts, protocol, ...row}) =>
    Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
  );
};
const fetched = {user: "ann", header_from: "Ann <ann@a.example>", header_to: "bob@b.example, carl@b.example"};
const headers = {subject: "=?utf-8?q?Gr=C3=BC=C3=9Fe?=", message_id: "<1@a.example>", agent: "unit 1"};
const content = text.slice(0, -3);

describe("mailboxes", () => {
  it("IMAP: logins, mails that are fetched and appended, cut anywhere; no password, no text", () => {
    const server = `* 1 FETCH (UID 7 BODY[] {${content.length}}\r\n${content} FLAGS ())\r\n* 2 FETCH (FLAGS ())\r\na3 OK done\r\n`;
    for (const cut of [server.length, 100, 7]) {
      const flow = new Conversation(6, [40_000, 143])
        .send(1, "* OK ready\r\n")
        .send(0, 'a1 LOGIN "ann" "wrong"\r\n')
        .send(1, "a1 NO no\r\n")
        .send(0, `a2 AUTHENTICATE PLAIN\r\n`)
        .send(1, "+ \r\n")
        .send(0, `${base64("\0ann\0secret")}\r\n`)
        .send(1, "a2 OK in\r\n")
        .send(0, "a3 UID FETCH 1:2 (FLAGS BODY[])\r\n");
      for (let at = 0; at < server.length; at += cut) flow.send(1, server.slice(at, at + cut));
      flow
        .send(0, "a4 SELECT INBOX\r\n")
        .send(1, "* 3 EXISTS\r\na4 OK [READ-WRITE] done\r\n")
        .send(0, `a5 APPEND Sent {${"Subject: x\r\n\r\ny".length}}\r\n`)
        .send(1, "+ go\r\n")
        .send(0, "Subject: x\r\n\r\ny\r\n")
        .send(1, "a5 OK done\r\n")
        .send(0, "a6 STARTTLS\r\n")
        .send(1, "a6 OK go\r\n");
      expect(mailbox(flow)).toEqual([
        {command: "login", user: "ann", auth: "password", success: 0},
        {command: "login", user: "ann", auth: "password", success: 1},
        {command: "fetch", ...fetched, ...headers, attachments: "invoice.pdf", size: content.length, success: 1},
        {command: "select", user: "ann", success: 1},
        {command: "append", user: "ann", subject: "x", size: 17, success: 1},
        {command: "starttls", user: "ann", success: 1}
      ]);
      expect(flow.records.files!.map(({name, protocol, complete}) => ({name, protocol, complete}))).toEqual([
        {name: "invoice.pdf", protocol: "imap", complete: 1}
      ]);
    }
  });

  it("POP3: logins, mails, lists passed over", () => {
    const flow = new Conversation(6, [40_000, 110])
      .send(1, "+OK ready\r\n")
      .send(0, "USER ann\r\n")
      .send(1, "+OK\r\n")
      .send(0, "PASS wrong\r\n")
      .send(1, "-ERR no\r\n")
      .send(0, "APOP ann c4c9334bac560ecc979e58001b3e22fb\r\n")
      .send(1, "+OK\r\n")
      .send(0, "LIST\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n")
      .send(1, `+OK\r\n1 500\r\n.\r\n+OK\r\n${text}`)
      .send(1, "+OK\r\n+OK bye\r\n");
    const ann = {user: "ann", success: 1};
    expect(mailbox(flow)).toEqual([
      {command: "login", user: "ann", auth: "password", success: 0},
      {command: "login", ...ann, auth: "APOP"},
      {command: "list", ...ann},
      {command: "fetch", ...fetched, ...headers, attachments: "invoice.pdf", size: content.length, success: 1},
      {command: "delete", ...ann},
      {command: "logout", ...ann}
    ]);
  });
});

describe("questions for mailboxes", () => {
  it("have a row each, with what the server said", () => {
    const flow = new Conversation(6, [40000, 25])
      .send(1, "220 mail ESMTP\r\n")
      .send(0, "VRFY <root@a.example>\r\n")
      .send(1, "250 <root@a.example>\r\n")
      .send(0, "vrfy eve\r\n")
      .send(1, "550 5.1.1 unknown\r\n")
      .send(0, "EXPN staff\r\n")
      .send(1, "252 perhaps\r\n")
      .send(0, "VRFY last\r\n");
    flow.end();
    const rows = (flow.records.mail ?? []).map(({command, recipients, success, status}) => [
      command,
      recipients,
      success,
      status
    ]);
    expect(rows).toEqual([
      ["verify", "root@a.example", 1, 250],
      ["verify", "eve", 0, 550],
      ["expand", "staff", null, 252],
      ["verify", "last", null, null]
    ]);
  });
});
