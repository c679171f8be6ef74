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
  ...{size: null, status: null}
} as Record<string, unknown>;
const rows = (flow: Conversation) => (flow.records.mail ?? []).map(({flow_id, capture_sha256, ts, ...rest}) => rest);

describe("mail", () => {
  it("tells envelope, headers and attachments, and never a text or a password", () => {
    for (const cut of [text.length, 10, 1]) {
      const flow = session(["RCPT TO:<carl@b.example>\r\n", "250 ok\r\n"], ["DATA\r\n", "354 go\r\n"]);
      for (let at = 0; at < text.length; at += cut) flow.send(0, text.slice(at, at + cut));
      flow.send(1, "250 queued\r\n").send(0, "QUIT\r\n").send(1, "221 bye\r\n");
      expect(flow.end().service).toBe("smtp");
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
          ...{found_type: "application/x-dosexec", encoding: null, size: 200, declared_size: null, complete: 1},
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
