import {expect, it} from "vitest";
import {Conversation, type RecordRow} from "../conversation.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const own = (rows: readonly RecordRow[] | undefined) =>
  (rows ?? []).map(({flow_id, capture_sha256, ts, rtt_us, ...row}) => row);

const sip = (first: string, sequence: string, ...more: string[]) =>
  [
    first,
    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
    'From: "Ann" <sip:ann@example.org>;tag=1',
    "t: sip:bob@example.org",
    "Call-ID: c1@192.0.2.1",
    `CSeq: ${sequence}`,
    ...more,
    "",
    ""
  ].join("\r\n");

it("SIP: a request with its final response, once although it is sent again; ACK has none", () => {
  const conversation = new Conversation(17, [5060, 5060]);
  const invite = sip("INVITE sip:bob@example.org SIP/2.0", "1 INVITE", "User-Agent: unit/1");
  conversation.send(0, invite).send(0, invite).send(1, sip("SIP/2.0 180 Ringing", "1 INVITE"));
  conversation
    .send(1, sip("SIP/2.0 486 Busy Here", "1 INVITE"))
    .send(0, sip("ACK sip:bob@example.org SIP/2.0", "1 ACK"));
  conversation.end();
  const call = {call_id: "c1@192.0.2.1", caller: "sip:ann@example.org", callee: "sip:bob@example.org"};
  expect(own(conversation.records.sip)).toEqual([
    {method: "INVITE", ...call, user_agent: "unit/1", status: 486},
    {method: "ACK", ...call, user_agent: null, status: null}
  ]);
});

it("SIP over TCP: heads cut by segments, with a body between", () => {
  const conversation = new Conversation(6, [40_000, 5060]);
  const bytes = Buffer.from(
    `${sip("INVITE sip:bob@example.org SIP/2.0", "1 INVITE", "Content-Length: 5")}v=0\r\n${sip("BYE sip:bob@example.org SIP/2.0", "2 BYE", "Content-Length: 0")}`
  );
  for (let at = 0; at < bytes.length; at += 40) conversation.send(0, bytes.subarray(at, at + 40));
  conversation.end();
  expect((conversation.records.sip ?? []).map(({method, status}) => [method, status])).toEqual([
    ["INVITE", null],
    ["BYE", null]
  ]);
});

it("RADIUS: user, who asks, where the user comes from, and the answer; no password", () => {
  const conversation = new Conversation(17, [40_000, 1812]);
  const attributes = "0105616e6e 0212 000102030405060708090a0b0c0d0e0f 0406 c0000209 1f07 30323a3031";
  conversation.send(0, hex(`01 07 003a 101112131415161718191a1b1c1d1e1f ${attributes}`.replace("003a", "0038")));
  conversation.send(1, hex("03 07 0014 101112131415161718191a1b1c1d1e1f"));
  conversation.end();
  expect(own(conversation.records.radius)).toEqual([
    {request: "access", user: "ann", nas: "192.0.2.9", station: "02:01", answer: "reject"}
  ]);
});

it("SNMP: version, that there is a community, and what was asked for", () => {
  const conversation = new Conversation(17, [40_000, 161]);
  const pdu = (tag: string, status = "00") =>
    hex(`3026 020101 0406 7075626c6963 ${tag}19 020101 0201${status} 020100 300e 300c 0608 2b06010201010100 0500`);
  conversation.send(0, pdu("a0")).send(1, pdu("a2")).send(0, pdu("a3")).send(1, pdu("a2", "11")).end();
  expect(own(conversation.records.snmp)).toEqual([
    {version: "2c", has_community: 1, user: null, gets: 1, sets: 1, responses: 2, errors: 1, traps: 0, communities: 1}
  ]);
});

it("MQTT met midway: by a ping and its answer, or by a long message; a ping alone is none", () => {
  const pings = new Conversation(6, [40_000, 17_501]).send(0, hex("c000"));
  expect(pings.send(1, hex("d000")).send(1, hex("3005 0001 61 6262")).end().service).toBe("mqtt");
  expect(own(pings.records.mqtt)).toEqual([
    {...{client_id: null, user: null, version: null, return_code: null}, published: "a", subscribed: null, messages: 1}
  ]);
  const alone = new Conversation(6, [40_000, 17_501]).send(0, hex("c000"));
  expect(alone.end().service).toBeNull();
  expect(alone.records.mqtt).toBeUndefined();
  const long = Buffer.concat([hex("30 b009 0006"), Buffer.from("a/long"), Buffer.alloc(1192)]);
  const cut = new Conversation(6, [40_000, 1883]).send(0, long.subarray(0, 600)).send(0, long.subarray(600));
  expect(cut.end().service).toBe("mqtt");
  expect(cut.records.mqtt).toMatchObject([{published: "a/long", messages: 1}]);
});

it("RADIUS at its port: damaged attributes behind whole ones, and none", () => {
  const from = "101112131415161718191a1b1c1d1e1f";
  const conversation = new Conversation(17, [40_000, 1812]).send(
    0,
    hex(`01 07 001d ${from} 0105616e6e 6572 0212 00000000`)
  );
  conversation.send(1, hex(`02 07 0014 ${from}`)).end();
  expect(own(conversation.records.radius)).toEqual([
    {request: "access", user: "ann", nas: null, station: null, answer: "accept"}
  ]);
  const answer = new Conversation(17, [40_000, 1812]).send(1, hex(`03 07 0014 ${from}`));
  expect(answer.end().service).toBe("radius");
  expect(new Conversation(17, [40_000, 9_999]).send(1, hex(`03 07 0014 ${from}`)).end().service).toBeNull();
});

it("MQTT: client, user and topics; neither password nor content", () => {
  const conversation = new Conversation(6, [40_000, 1883]);
  const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
  const packet = (type: number, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts);
    return Buffer.concat([Buffer.from([type, body.length]), body]);
  };
  const connect = packet(0x10, text("MQTT"), hex("04 c2 003c"), text("meter-7"), text("ann"), text("secret"));
  conversation.send(0, connect.subarray(0, 20)).send(0, connect.subarray(20)).send(1, hex("20 02 0000"));
  conversation.send(0, packet(0x82, hex("0001"), text("a/#"), hex("00"), text("b"), hex("00")));
  conversation
    .send(1, packet(0x30, text("a/1"), Buffer.from("on")))
    .send(0, packet(0x30, text("a/1"), Buffer.from("off")));
  conversation.end();
  expect(own(conversation.records.mqtt)).toEqual([
    {
      client_id: "meter-7",
      user: "ann",
      version: "3.1.1",
      return_code: 0,
      published: "a/1",
      subscribed: "a/#,b",
      messages: 2
    }
  ]);
});

it("RDP: cookie, security protocols, and the client's name where no TLS follows", () => {
  const request = Buffer.concat([
    hex("0300 0000 00 e0 0000 0000 00"),
    Buffer.from("Cookie: mstshash=ann\r\n"),
    hex("01 00 0800 03000000")
  ]);
  request.writeUInt16BE(request.length, 2);
  request[4] = request.length - 5;
  const core = Buffer.alloc(216);
  core.writeUInt16LE(0xc001, 0);
  core.writeUInt16LE(216, 2);
  core.writeUInt32LE(2600, 20);
  core.write("DESK-7", 24, "utf16le");
  const data = Buffer.concat([hex("0300 0000 02f080 7f65"), core]);
  data.writeUInt16BE(data.length, 2);
  const conversation = new Conversation(6, [40_000, 3389]);
  conversation.send(0, request).send(1, hex("0300 0013 0e d0 0000 1234 00 02 00 0800 00000000")).send(0, data).end();
  const negotiated = {cookie: "mstshash=ann", requested_protocols: "rdp,tls,credssp", failure: null};
  expect(own(conversation.records.rdp)).toEqual([
    {...negotiated, selected_protocol: "rdp", client_name: "DESK-7", client_build: 2600, channels: null}
  ]);
  const secure = new Conversation(6, [40_000, 3389]);
  secure.send(0, request).send(1, hex("0300 0013 0e d0 0000 1234 00 02 00 0800 02000000")).end();
  expect(own(secure.records.rdp)).toEqual([
    {...negotiated, selected_protocol: "credssp", client_name: null, client_build: null, channels: null}
  ]);
});
