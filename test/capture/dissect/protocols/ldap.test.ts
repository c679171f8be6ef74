import {describe, expect, it} from "vitest";
import {Conversation} from "../conversation.ts";
import {der, integer, octets, sequence} from "./der.ts";
import {ntlmAuthenticate, ntlmChallenge} from "./rpc-messages.ts";

const message = (id: number, operation: Buffer) => sequence(integer(id), operation);
const simple = (user: string, password: string) => der(0x60, integer(3), octets(user), der(0x80, password));
const sasl = (mechanism: string, token: Uint8Array) =>
  der(0x60, integer(3), octets(""), der(0xa3, octets(mechanism), octets(token)));
const result = (tag: number, code: number, ...more: Buffer[]) =>
  der(tag, integer(code, 0x0a), octets(""), octets(""), ...more);
const equal = (attribute: string, value: string) => der(0xa3, octets(attribute), octets(value));

function search(base: string, filter: Buffer, attributes: readonly string[] = [], scope = 2): Buffer {
  const limits = [integer(scope, 0x0a), integer(0, 0x0a), integer(0), integer(0), der(1, Buffer.from([0]))];
  return der(0x63, octets(base), ...limits, filter, sequence(...attributes.map((name) => octets(name))));
}

const tcp = () => new Conversation(6, [40_000, 389]);
const rows = (flow: Conversation, ...names: string[]) =>
  (flow.records.ldap ?? []).map((row) => names.map((name) => row[name]));
const everything = (flow: Conversation) =>
  JSON.stringify(flow.records, (_, value) => (typeof value === "bigint" ? String(value) : value));

describe("LDAP", () => {
  it("has the attributes that a modify changes, and never their values", () => {
    const change = (name: string, value: string) =>
      sequence(integer(2, 0x0a), sequence(octets(name), der(0x31, octets(value))));
    const flow = tcp()
      .send(
        0,
        message(1, der(0x66, octets("cn=srv,dc=example"), sequence(change("mail", "geheim"), change("sn", "b"))))
      )
      .send(1, message(1, result(0x67, 0)));
    flow.end();
    expect(rows(flow, "operation", "base", "attributes", "result")).toEqual([
      ["modify", "cn=srv,dc=example", "mail,sn", 0]
    ]);
    expect(everything(flow)).not.toContain("geheim");
  });

  it("has who binds, what was searched and what came, and never the password", () => {
    const flow = tcp()
      .send(0, message(1, simple("cn=ann,dc=example", "geheim!")))
      .send(1, message(1, result(0x61, 49)))
      .send(
        0,
        message(
          2,
          search("dc=example", der(0xa0, equal("objectClass", "user"), der(0xa2, der(0x87, "mail"))), ["cn", "mail"])
        )
      )
      .send(
        1,
        Buffer.concat([
          message(2, der(0x64, octets("cn=bob"), sequence())),
          message(2, der(0x64, octets("cn=eve"), sequence()))
        ])
      )
      .send(1, message(2, result(0x65, 0)))
      .send(0, message(3, der(0x42)));
    expect(flow.end().service).toBe("ldap");
    expect(
      rows(
        flow,
        "message_id",
        "operation",
        "user",
        "auth",
        "base",
        "scope",
        "filter",
        "attributes",
        "entries",
        "result"
      )
    ).toEqual([
      [1, "bind", "cn=ann,dc=example", "simple", null, null, null, null, null, 49],
      [2, "search", null, null, "dc=example", "subtree", "(&(objectClass=user)(!(mail=*)))", "cn,mail", 2, 0],
      [3, "unbind", null, null, null, null, null, null, null, null]
    ]);
    expect(everything(flow)).not.toContain("geheim");
  });

  it("writes every kind of filter as RFC 4515 does", () => {
    const parts = der(0xa4, octets("cn"), sequence(der(0x80, "a"), der(0x81, "b*"), der(0x82, "c")));
    const open = der(0xa4, octets("cn"), sequence(der(0x81, "x")));
    const rule = der(0xa9, der(0x81, "1.2.840.113556.1.4.803"), der(0x82, "userAccountControl"), der(0x83, "8192"));
    const filter = der(
      0xa1,
      parts,
      open,
      rule,
      der(0xa5, octets("a"), octets("1")),
      der(0xa6, octets("a"), octets("2")),
      der(0xa8, octets("a"), octets("\u0000\u00e4("))
    );
    const flow = tcp().send(0, message(1, search("", filter, [], 0)));
    flow.end();
    expect(rows(flow, "scope", "filter", "attributes", "entries", "result")).toEqual([
      [
        "base",
        "(|(cn=a*b\\2a*c)(cn=*x*)(userAccountControl:1.2.840.113556.1.4.803:=8192)(a>=1)(a<=2)(a~=\\00\\c3\\a4\\28))",
        null,
        0,
        null
      ]
    ]);
  });

  it("cuts filters that are too long or too deep, and counts them", () => {
    let deep = equal("a", "b");
    for (let i = 0; i < 40; i++) deep = der(0xa2, deep);
    const flow = tcp()
      .send(0, message(1, search("", equal("a", "b".repeat(2000)))))
      .send(0, message(2, search("", deep)));
    flow.end();
    const [[long], [nested]] = rows(flow, "filter") as string[][];
    expect([long.length, nested]).toEqual([1024, `${"(!".repeat(16)}${")".repeat(16)}`]);
    expect(flow.dissection.counters.cutTexts).toBe(1);
  });

  it("names changes by what they change, and results of which the request was not seen", () => {
    const flow = tcp()
      .send(0, message(1, der(0x68, octets("cn=new"), sequence())))
      .send(0, message(2, der(0x66, octets("cn=old"), sequence())))
      .send(0, message(3, der(0x4a, "cn=gone")))
      .send(0, message(4, der(0x6c, octets("cn=a"), octets("cn=b"), der(1, Buffer.from([255])))))
      .send(1, Buffer.concat([message(3, result(0x6b, 50)), message(1, result(0x69, 0)), message(9, result(0x61, 0))]));
    flow.end();
    expect(rows(flow, "message_id", "operation", "base", "result")).toEqual([
      [3, "delete", "cn=gone", 50],
      [1, "add", "cn=new", 0],
      [9, "bind", null, 0],
      [2, "modify", "cn=old", null],
      [4, "rename", "cn=a", null]
    ]);
  });

  it("counts entries of which the request was not seen, each search's by itself", () => {
    const entry = (id: number) => message(id, der(0x64, octets("cn=bob"), sequence()));
    const flow = tcp()
      .send(0, message(1, simple("", "")))
      .send(1, Buffer.concat([entry(7), entry(7), message(7, result(0x65, 0)), message(8, result(0x65, 0))]))
      .send(1, Buffer.concat([entry(9), message(9, result(0x65, 0))]));
    flow.end();
    expect(rows(flow, "message_id", "operation", "entries").slice(0, 3)).toEqual([
      [7, "search", 2],
      [8, "search", 0],
      [9, "search", 1]
    ]);
  });

  it("has who authenticates by NTLM, reads what is signed and passes over what is encrypted", () => {
    const wrapped = (inner: Buffer, flags: number) => {
      const head = Buffer.from([0, 0, 0, 0, 5, 4, flags, 0xff, 0, 12, 0, 12, 0, 0, 0, 0, 0, 0, 0, 1]);
      head.writeUInt32BE(16 + 12 + inner.length);
      return Buffer.concat([head, Buffer.alloc(12, 0x30), inner]);
    };
    const flow = tcp()
      .send(0, message(1, sasl("GSS-SPNEGO", Buffer.from("NTLMSSP\0\u0001\0\0\0\0\0\0\0", "latin1"))))
      .send(1, message(1, result(0x61, 14, der(0x87, ntlmChallenge("DC1", "EXAMPLE", "dc1.example.test")))))
      .send(0, message(2, sasl("GSS-SPNEGO", ntlmAuthenticate("ann", "EXAMPLE", "PC7"))))
      .send(1, message(2, result(0x61, 0)))
      .send(0, wrapped(message(3, search("dc=a", der(0x87, "x"))), 4))
      .send(0, wrapped(message(4, search("dc=b", der(0x87, "x"))), 6))
      .send(
        1,
        wrapped(
          Buffer.concat([
            message(3, der(0x64, octets("cn=bob"), octets(Buffer.alloc(6000)))),
            message(3, result(0x65, 0))
          ]),
          5
        )
      )
      .send(0, message(5, der(0x42)));
    flow.end();
    expect(rows(flow, "message_id", "operation", "auth", "base", "entries", "result")).toEqual([
      [1, "bind", "GSS-SPNEGO", null, null, 14],
      [2, "bind", "GSS-SPNEGO", null, null, 0],
      [3, "search", null, "dc=a", 1, 0],
      [5, "unbind", null, null, null, null]
    ]);
    const [{carrier, user, domain, host, server_name, success}] = flow.records.ntlm!;
    expect([carrier, user, domain, host, server_name, success]).toEqual(["ldap", "ann", "EXAMPLE", "PC7", "DC1", 1]);
    expect(flow.dissection.heldBytes).toBe(0);
  });

  it("is followed by TLS after StartTLS, and read in datagrams", () => {
    const flow = tcp()
      .send(0, message(1, der(0x77, der(0x80, "1.3.6.1.4.1.1466.20037"))))
      .send(1, message(1, result(0x78, 0)));
    flow.send(0, Buffer.from("160301", "hex"));
    expect(flow.wanted).toBe(true);
    expect(flow.end().service).toBe("ldap");
    expect(rows(flow, "operation", "base", "result")).toEqual([["extended", "1.3.6.1.4.1.1466.20037", 0]]);
    const datagrams = new Conversation(17, [40_000, 389])
      .send(0, message(7, search("", equal("NtVer", "\u0006\0\0\0"), ["Netlogon"], 0)))
      .send(1, Buffer.concat([message(7, der(0x64, octets(""), sequence())), message(7, result(0x65, 0))]));
    datagrams.end();
    expect(rows(datagrams, "filter", "attributes", "entries", "result")).toEqual([
      ["(NtVer=\\06\\00\\00\\00)", "Netlogon", 1, 0]
    ]);
  });

  it("goes on at lengths beyond all memory", () => {
    const flow = tcp().send(0, Buffer.from("3084fffffffa02010163", "hex")).send(0, Buffer.alloc(40, 0x30));
    flow.end();
    expect(flow.dissection.heldBytes).toBe(0);
  });

  it("keeps a limited number of requests without results, and throws at no truncation", () => {
    const flow = tcp();
    for (let id = 1; id <= 100; id++) flow.send(0, message(id, search("dc=x", der(0x87, "a"))));
    flow.take();
    expect(rows(flow, "message_id").length).toBe(36);
    flow.end();
    expect(rows(flow, "message_id").length).toBe(100);
    const whole = message(1, search("dc=example", der(0xa0, equal("a", "b"), der(0xa2, der(0x87, "mail"))), ["cn"]));
    for (let length = 7; length < whole.length; length++)
      new Conversation(17, [1, 389]).send(0, whole.subarray(0, length)).end();
  });
});
