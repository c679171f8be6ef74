import {describe, expect, it} from "vitest";
import {Conversation} from "../conversation.ts";
import {der, integer, octets, sequence} from "./der.ts";

const general = (text: string) => der(0x1b, text);
const name = (...parts: string[]) => sequence(der(0xa0, integer(1)), der(0xa1, sequence(...parts.map(general))));
const encrypted = (type: number, bytes = 40) =>
  sequence(der(0xa0, integer(type)), der(0xa2, octets(Buffer.alloc(bytes, 0xcc))));

interface Asked {
  readonly client?: string;
  readonly service: readonly string[];
  readonly ciphers?: readonly number[];
  readonly padata?: readonly number[];
}

function request(type: "AS" | "TGS", {client, service, ciphers = [18, 17, 23], padata = []}: Asked): Buffer {
  const body = sequence(
    der(0xa0, der(3, Buffer.from([0, 0x40, 0x81, 0, 0x10]))),
    ...(client ? [der(0xa1, name(client))] : []),
    der(0xa2, general("EXAMPLE.TEST")),
    der(0xa3, name(...service)),
    der(0xa7, integer(77)),
    der(0xa8, sequence(...ciphers.map((cipher) => integer(cipher))))
  );
  const data = padata.map((its) => sequence(der(0xa1, integer(its)), der(0xa2, octets(Buffer.alloc(60)))));
  const fields = [
    der(0xa1, integer(5)),
    der(0xa2, integer(type === "AS" ? 10 : 12)),
    ...(data.length ? [der(0xa3, sequence(...data))] : [])
  ];
  return der(type === "AS" ? 0x6a : 0x6c, sequence(...fields, der(0xa4, body)));
}

function reply(type: "AS" | "TGS", client: string, service: readonly string[], cipher: number, own = 18): Buffer {
  const ticket = der(
    0x61,
    sequence(
      der(0xa0, integer(5)),
      der(0xa1, general("EXAMPLE.TEST")),
      der(0xa2, name(...service)),
      der(0xa3, encrypted(cipher, 900))
    )
  );
  return der(
    type === "AS" ? 0x6b : 0x6d,
    sequence(
      der(0xa0, integer(5)),
      der(0xa1, integer(type === "AS" ? 11 : 13)),
      der(0xa3, general("EXAMPLE.TEST")),
      der(0xa4, name(client)),
      der(0xa5, ticket),
      der(0xa6, encrypted(own))
    )
  );
}

const error = (code: number) =>
  der(
    0x7e,
    sequence(
      der(0xa0, integer(5)),
      der(0xa1, integer(30)),
      der(0xa4, der(0x18, "20251121120000Z")),
      der(0xa5, integer(1)),
      der(0xa6, integer(code)),
      der(0xa9, general("EXAMPLE.TEST")),
      der(0xaa, name("krbtgt", "EXAMPLE.TEST"))
    )
  );

const framed = (message: Buffer) => {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(message.length);
  return Buffer.concat([head, message]);
};
const udp = () => new Conversation(17, [40_000, 88]);
const rows = (flow: Conversation) =>
  (flow.records.kerberos ?? []).map((row) => [
    row.request_type,
    row.client,
    row.realm,
    row.service,
    row.error,
    row.error_name,
    row.cipher,
    row.reply_cipher,
    row.request_ciphers,
    row.has_preauth,
    row.is_forwardable
  ]);
const krbtgt = ["krbtgt", "EXAMPLE.TEST"];
const offered = "aes256-cts-hmac-sha1-96,aes128-cts-hmac-sha1-96,rc4-hmac";

describe("Kerberos", () => {
  it("has a logon over UDP: an error that asks for a proof, then the ticket", () => {
    const flow = udp()
      .send(0, request("AS", {client: "ann", service: krbtgt}))
      .send(1, error(25))
      .send(0, request("AS", {client: "ann", service: krbtgt, padata: [128, 2]}))
      .send(1, reply("AS", "ann", krbtgt, 18));
    expect(flow.end().service).toBe("kerberos");
    const aes = "aes256-cts-hmac-sha1-96";
    expect(rows(flow)).toEqual([
      ["AS", "ann", "EXAMPLE.TEST", "krbtgt/EXAMPLE.TEST", 25, "KDC_ERR_PREAUTH_REQUIRED", null, null, offered, 0, 1],
      ["AS", "ann", "EXAMPLE.TEST", "krbtgt/EXAMPLE.TEST", 0, null, aes, aes, offered, 1, 1]
    ]);
    expect(flow.records.kerberos!.map(({rtt_us}) => rtt_us)).toEqual([1000, 1000]);
  });

  it("has tickets for services over TCP, in segments, with the cipher that is attacked", () => {
    const flow = new Conversation(6, [40_000, 88]);
    const asked = framed(request("TGS", {service: ["MSSQLSvc", "db.example.test"], ciphers: [23], padata: [1]}));
    flow.send(0, asked.subarray(0, 100)).send(0, asked.subarray(100));
    const told = framed(reply("TGS", "ann", ["MSSQLSvc", "db.example.test"], 23));
    flow.send(1, told.subarray(0, 700)).send(1, told.subarray(700)).end();
    expect(rows(flow)).toEqual([
      [
        "TGS",
        "ann",
        "EXAMPLE.TEST",
        "MSSQLSvc/db.example.test",
        0,
        null,
        "rc4-hmac",
        "aes256-cts-hmac-sha1-96",
        "rc4-hmac",
        null,
        1
      ]
    ]);
    expect(flow.dissection.heldBytes).toBe(0);
  });

  it("has requests without answers, answers without requests, and types without a name", () => {
    const flow = udp()
      .send(1, error(24))
      .send(1, reply("AS", "bob", krbtgt, 99))
      .send(0, request("AS", {client: "b\u00f6b", service: krbtgt, ciphers: [-135, 3]}));
    flow.end();
    expect(rows(flow)).toEqual([
      [null, null, "EXAMPLE.TEST", "krbtgt/EXAMPLE.TEST", 24, "KDC_ERR_PREAUTH_FAILED", null, null, null, null, null],
      ["AS", "bob", "EXAMPLE.TEST", "krbtgt/EXAMPLE.TEST", 0, null, "99", "aes256-cts-hmac-sha1-96", null, null, null],
      [
        "AS",
        "b\u00f6b",
        "EXAMPLE.TEST",
        "krbtgt/EXAMPLE.TEST",
        null,
        null,
        null,
        null,
        "rc4-hmac-old-exp,des-cbc-md5",
        0,
        1
      ]
    ]);
  });

  it("reads what is there of a message that was cut, keeps few requests, cuts long names and counts them", () => {
    const flow = udp();
    for (let i = 0; i < 100; i++) flow.send(0, request("AS", {client: `user${i}`, service: krbtgt}));
    flow.take();
    expect(rows(flow).length).toBe(100 - 32);
    const whole = request("AS", {client: "x".repeat(300), service: krbtgt});
    flow.send(0, whole.subarray(0, whole.length - 90), undefined, 90).end();
    expect(rows(flow).at(-1)!.slice(0, 2)).toEqual(["AS", "x".repeat(255)]);
    expect(flow.dissection.counters.cutTexts).toBe(1);
  });

  it("throws at no truncation", () => {
    const whole = reply("AS", "ann", krbtgt, 18);
    for (let length = 12; length < 200; length++) udp().send(1, whole.subarray(0, length)).end();
  });
});
