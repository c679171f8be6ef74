import {createHash} from "node:crypto";
import {describe, expect, it} from "vitest";
import {Conversation} from "../conversation.ts";
import {openUnits} from "../core/units.ts";

const units = await openUnits();

const u16 = (...values: number[]) => Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
const extension = (type: number, data: Uint8Array) => Buffer.concat([u16(type, data.length), data]);
const vector16 = (data: Uint8Array) => Buffer.concat([u16(data.length), data]);

const sni = (name: string) => extension(0, vector16(Buffer.concat([Buffer.from([0]), vector16(Buffer.from(name))])));
const alpn = (...names: string[]) =>
  extension(
    16,
    vector16(Buffer.concat(names.map((n) => Buffer.concat([Buffer.from([n.length]), Buffer.from(n, "latin1")]))))
  );

/** Body of a ClientHello. */
const body = (version: number, ciphers: readonly number[], extensions: readonly Uint8Array[]) =>
  Buffer.concat([
    u16(version),
    Buffer.alloc(32, 9),
    Buffer.from([0]),
    vector16(u16(...ciphers)),
    Buffer.from([1, 0]),
    vector16(Buffer.concat(extensions))
  ]);

const handshake = (type: number, content: Uint8Array) =>
  Buffer.concat([Buffer.from([type, 0]), u16(content.length), content]);
const record = (content: Uint8Array, type = 22) =>
  Buffer.concat([Buffer.from([type, 3, 1]), u16(content.length), content]);

/** A client that offers TLS 1.3 and 1.2, with GREASE everywhere it may stand. */
const hello = body(
  0x0303,
  [0x2a2a, 0x1302, 0x1301, 0xc02f],
  [
    extension(0x3a3a, Buffer.alloc(0)),
    sni("www.example.org"),
    extension(10, vector16(u16(0x4a4a, 29, 23))),
    extension(11, Buffer.from([1, 0])),
    alpn("h2", "http/1.1"),
    extension(13, vector16(u16(0x0403, 0x0804))),
    extension(43, Buffer.concat([Buffer.from([6]), u16(0x5a5a, 0x0304, 0x0303)]))
  ]
);

const serverHello = (cipher: number, random = Buffer.alloc(32, 7)) =>
  Buffer.concat([
    u16(0x0303),
    random,
    Buffer.from([0]),
    u16(cipher),
    Buffer.from([0]),
    vector16(extension(43, u16(0x0304)))
  ]);

const retry = Buffer.from("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c", "hex");

// printf 1301,1302,c02f | sha256sum; printf 000a,000b,000d,002b_0403,0804 | sha256sum
const fingerprint = "t13d0306h2_40b44b994229_fb71836bce29";

const row = {
  flow_id: (-2n << 32n) | 5n,
  capture_sha256: "c0ffee",
  ts: 1_700_000_000_001_000,
  version: "TLS 1.3",
  server_name: "www.example.org",
  alpn: "h2,http/1.1",
  ja4: fingerprint,
  // printf 771,4866-4865-49199,0-10-11-16-13-43,29-23,0 | md5sum
  ja3: "42d79678158b8e3ec9c941432974a696",
  cipher: null,
  ja3s: null as string | null,
  alpn_chosen: null,
  resumed: null as number | null,
  alert: null,
  alert_by: null,
  heartbeat_excess: null
};

// printf 771,4866,43 | md5sum
const ja3s = "13b064e3d43575147f6ca25c24556a31";

/** An earlier version of the protocol: all but the application's data goes on in clear. */
const older = {hello: body(0x0303, [0xc02f], [sni("www.example.org"), alpn("h2")])};
const olderServer = (session: Uint8Array = Buffer.alloc(0)) =>
  Buffer.concat([
    u16(0x0303),
    Buffer.alloc(32, 7),
    Buffer.from([session.length]),
    session,
    u16(0xc02f),
    Buffer.from([0]),
    vector16(Buffer.concat([extension(0xff01, Buffer.from([0])), alpn("h2")]))
  ]);

// openssl req -x509 -subj "/C=CH/O=Example, Ltd/CN=www.example.org/emailAddress=ann@example.org" -addext subjectAltName=…
const der = Buffer.from(
  "30820257308201fda0030201020204009a0102300a06082a8648ce3d040302305e310b300906035504061302434831153013" +
    "060355040a0c0c4578616d706c652c204c74643118301606035504030c0f7777772e6578616d706c652e6f7267311e301c06" +
    "092a864886f70d010901160f616e6e406578616d706c652e6f7267301e170d3236313132383232353530305a170d33363131" +
    "32353232353530305a305e310b300906035504061302434831153013060355040a0c0c4578616d706c652c204c7464311830" +
    "1606035504030c0f7777772e6578616d706c652e6f7267311e301c06092a864886f70d010901160f616e6e406578616d706c" +
    "652e6f72673059301306072a8648ce3d020106082a8648ce3d03010703420004a83b972381fa321a3c7f7902bfe224ab3dd3" +
    "00548d085bad6be1ed3ee004275eb96d1ae4549ac01d803c64f0499a11c315d2a7f37581e391dab35c878178c7f6a381a830" +
    "81a5301d0603551d0e041604140c522d2f79fe3b1f21f43a1290c8573d379fe7d4301f0603551d230418301680140c522d2f" +
    "79fe3b1f21f43a1290c8573d379fe7d4300f0603551d130101ff040530030101ff30520603551d11044b3049820f7777772e" +
    "6578616d706c652e6f7267820d2a2e6578616d706c652e6e65748704c0000201871020010db8000000000000000000000001" +
    "810f616e6e406578616d706c652e6f7267300a06082a8648ce3d0403020348003045022100cd05b4d106d388f76f3444add2" +
    "9431c8a43e95b216b66cb66a0422427b16e2eb0220103d489e4f93e679e3816e7fc3d824d4cc8f2896b516cacecc3543fcc6" +
    "5f9ea6",
  "hex"
);
const u24 = (length: number) => Buffer.from([length >> 16, (length >> 8) & 255, length & 255]);
const chain = (...all: Uint8Array[]) => {
  const list = Buffer.concat(all.flatMap((one) => [u24(one.length), one]));
  return Buffer.concat([Buffer.from([11]), u24(list.length + 3), u24(list.length), list]);
};
const changeCipherSpec = record(Buffer.from([1]), 20);
const done = handshake(14, Buffer.alloc(0));

describe("TLS", () => {
  it("tells of a server's certificates where its hello was not captured", () => {
    const flow = new Conversation(6, [40000, 443]).send(1, record(Buffer.concat([chain(der), done])));
    expect(flow.end().service).toBe("tls");
    expect(flow.records.certificates).toMatchObject([
      {shown_by: "server", position: 0, sha1: "d703691210ace0ea0c6cd248cc89aae9e0fa06b3"}
    ]);
    const other = Buffer.concat([Buffer.from([11]), u24(900), u24(850), u24(840), Buffer.alloc(894, 0x30)]);
    const unlike = new Conversation(6, [40000, 443]).send(1, record(other));
    unlike.end();
    expect(unlike.records.certificates).toBeUndefined();
  });

  it("tells of the certificates, however records and segments cut the handshake, and of what was chosen", () => {
    const messages = Buffer.concat([handshake(2, olderServer()), chain(der, Buffer.from("no certificate")), done]);
    for (const cut of [messages.length, 1, 60, 78, 80, 300, 700]) {
      const records = Buffer.concat(
        cut === messages.length
          ? [record(messages)]
          : [record(messages.subarray(0, cut)), record(messages.subarray(cut))]
      );
      for (const segment of [records.length, 50]) {
        const flow = new Conversation(6, [40000, 443]).send(0, record(handshake(1, older.hello)));
        for (let at = 0; at < records.length; at += segment) flow.send(1, records.subarray(at, at + segment));
        flow.send(0, Buffer.concat([record(handshake(16, Buffer.alloc(66))), changeCipherSpec]));
        flow.send(1, changeCipherSpec);
        expect(flow.wanted).toBe(false);
        flow.end();
        expect(flow.dissection.heldBytes).toBe(0);
        expect(flow.records.tls).toMatchObject([
          {version: "TLS 1.2", cipher: 0xc02f, alpn_chosen: "h2", resumed: 0, alert: null}
        ]);
        // printf 771,49199,65281-16 | md5sum
        expect(flow.records.tls![0].ja3s).toBe("7bee5c1d424b7e5f943b06983bb11422");
        expect(flow.records.certificates!.map(({flow_id, ts, capture_sha256, ...rest}) => rest)).toEqual([
          {
            shown_by: "server",
            position: 0,
            subject: "emailAddress=ann@example.org,CN=www.example.org,O=Example\\, Ltd,C=CH",
            issuer: "emailAddress=ann@example.org,CN=www.example.org,O=Example\\, Ltd,C=CH",
            names: '["www.example.org","*.example.net","192.0.2.1","2001:db8::1","ann@example.org"]',
            not_before: Date.UTC(2026, 10, 28, 22, 55) * 1000,
            not_after: Date.UTC(2036, 10, 25, 22, 55) * 1000,
            serial: "9a0102",
            sha256: "05c3407298636d1bef29a20497fdf2256aa9dd2910642b7792e6ee0e5e7e64c3",
            sha1: "d703691210ace0ea0c6cd248cc89aae9e0fa06b3"
          },
          {
            ...{shown_by: "server", position: 1, subject: null, issuer: null, names: null, not_before: null},
            ...{not_after: null, serial: null},
            // printf "no certificate" | sha256sum; printf "no certificate" | sha1sum
            sha256: createHash("sha256").update("no certificate").digest("hex"),
            sha1: createHash("sha1").update("no certificate").digest("hex")
          }
        ]);
        expect(flow.dissection.counters.malformed).toBe(1);
      }
    }
  });

  it("tells of a client's certificate, and of alerts with who sent them", () => {
    const flow = new Conversation(6, [40000, 443]).send(0, record(handshake(1, older.hello)));
    flow.send(1, record(Buffer.concat([handshake(2, olderServer()), chain(der), done])));
    flow
      .send(0, record(chain(der)))
      .send(1, record(Buffer.from([2, 48]), 21))
      .end();
    expect(flow.records.certificates!.map(({shown_by}) => shown_by)).toEqual(["server", "client"]);
    expect(flow.records.tls).toMatchObject([{alert: "unknown_ca", alert_by: "server"}]);
    const refused = new Conversation(6, [40000, 443]).send(0, record(handshake(1, hello)));
    refused.send(1, record(Buffer.from([2, 40]), 21)).end();
    expect(refused.records.tls).toMatchObject([{cipher: null, alert: "handshake_failure", alert_by: "server"}]);
  });

  it("knows a session that goes on by the id that the server repeats, and one of TLS 1.3 by its key", () => {
    const id = Buffer.alloc(32, 5);
    const again = (session: Buffer, server: Buffer) => {
      const bytes = Buffer.from(older.hello);
      const flow = new Conversation(6, [40000, 443]);
      const client = Buffer.concat([bytes.subarray(0, 34), Buffer.from([session.length]), session, bytes.subarray(35)]);
      flow.send(0, record(handshake(1, client)));
      flow.send(1, Buffer.concat([record(handshake(2, olderServer(server))), changeCipherSpec])).end();
      return flow.records.tls!.map(({resumed}) => resumed);
    };
    expect(again(id, id)).toEqual([1]);
    expect(again(id, Buffer.alloc(32, 6))).toEqual([0]);
    expect(again(Buffer.alloc(0), Buffer.alloc(0))).toEqual([0]);
    const flow = new Conversation(6, [40000, 443]).send(0, record(handshake(1, hello)));
    const bytes = serverHello(0x1301);
    const key = extension(41, u16(0));
    const length = bytes.readUInt16BE(38) + key.length;
    flow.send(1, record(handshake(2, Buffer.concat([bytes.subarray(0, 38), u16(length), bytes.subarray(40), key]))));
    flow.end();
    expect(flow.records.tls).toMatchObject([{version: "TLS 1.3", resumed: 1}]);
  });

  it("reads the ServerHello of an early draft of TLS 1.3, which has no session id", () => {
    const draft = Buffer.concat([u16(0x7f12), Buffer.alloc(32, 7), u16(0x1301), vector16(extension(40, u16(0)))]);
    const flow = new Conversation(6, [40000, 443]).send(1, record(handshake(2, draft)));
    flow.end();
    // As Arkime has it of a real one, printf 32530,4865,40 | md5sum
    expect(flow.records.tls).toMatchObject([
      {version: "TLS 1.3 draft 18", cipher: 0x1301, ja3s: "b8a8031b301aef7618403061e9f33065"}
    ]);
  });

  it("tells of a server's hello alone", () => {
    const flow = new Conversation(6, [40000, 443]).send(1, record(handshake(2, serverHello(0x1302))));
    flow.end();
    expect(flow.records.tls).toMatchObject([{version: "TLS 1.3", cipher: 0x1302, ja3s, ja4: null, ja3: null}]);
  });

  it("in datagrams is put together from fragments, with cookies and repeated ones passed over", () => {
    const fragment = (type: number, number: number, message: Uint8Array, from = 0, to = message.length) => {
      const part = message.subarray(from, to);
      const head = [Buffer.from([type]), u24(message.length), u16(number), u24(from), u24(part.length)];
      const content = Buffer.concat([...head, part]);
      return Buffer.concat([Buffer.from("16fefd0000000000000000", "hex"), u16(content.length), content]);
    };
    const offered = body(0xfefd, [0xc02f], [sni("www.example.org")]);
    const withCookie = (cookie: string) =>
      Buffer.concat([offered.subarray(0, 35), Buffer.from([cookie.length]), Buffer.from(cookie), offered.subarray(35)]);
    const server = Buffer.concat([Buffer.from("fefd", "hex"), olderServer().subarray(2)]);
    const certificate = chain(der).subarray(4);
    const flow = new Conversation(17, [40000, 4433]).send(0, fragment(1, 0, withCookie("")));
    flow.send(1, fragment(3, 0, Buffer.from("fefd0463636363", "hex")));
    const second = withCookie("cccc");
    flow
      .send(0, fragment(1, 1, second, 0, 40))
      .send(0, fragment(1, 1, second, 0, 40))
      .send(0, fragment(1, 1, second, 40));
    const both = [fragment(2, 1, server), fragment(11, 2, certificate, 0, 300)];
    flow
      .send(1, Buffer.concat(both))
      .send(1, Buffer.concat(both))
      .send(1, fragment(11, 2, certificate, 300));
    const fingerprint = "dd2d010100_f06271c2b022_000000000000";
    expect(flow.end()).toEqual({service: "dtls", server_name: "www.example.org", ja4: fingerprint});
    expect(flow.records.tls!.map(({version, cipher, ja4}) => [version, cipher, ja4])).toEqual([
      ["DTLS 1.2", null, fingerprint],
      ["DTLS 1.2", 0xc02f, fingerprint]
    ]);
    expect(flow.records.certificates!.map(({subject}) => subject)).toEqual([
      "emailAddress=ann@example.org,CN=www.example.org,O=Example\\, Ltd,C=CH"
    ]);
    expect(flow.dissection.heldBytes).toBe(0);
  });

  it("tells of the ClientHello and what the server chose", () => {
    const flow = new Conversation(6, [40000, 443]);
    flow.send(0, record(handshake(1, hello))).send(1, record(handshake(2, serverHello(0x1302))));
    expect(flow.wanted).toBe(false);
    expect(flow.end()).toEqual({service: "tls", server_name: "www.example.org", ja4: fingerprint});
    expect(flow.records.tls).toEqual([{...row, cipher: 0x1302, ja3s, resumed: 0}]);
  });

  it("is the same however segments and records cut the hello", () => {
    const message = handshake(1, hello);
    for (let cut = 1; cut < message.length; cut += 3) {
      const bytes = Buffer.concat([record(message.subarray(0, cut)), record(message.subarray(cut))]);
      const flow = new Conversation(6, [40000, 443]);
      // The tail comes first, the head twice.
      const at = Math.max(1, bytes.length - cut);
      if (at >= 6)
        flow.send(0, bytes.subarray(0, at)).send(0, bytes.subarray(0, at), 0).send(0, bytes.subarray(at), at);
      else flow.send(0, bytes.subarray(0, at)).send(0, bytes.subarray(at));
      expect([cut, flow.end().ja4]).toEqual([cut, fingerprint]);
    }
  });

  it("waits for segments that come late", () => {
    const bytes = record(handshake(1, hello));
    const flow = new Conversation(6, [40000, 443]);
    flow
      .send(0, bytes.subarray(0, 20))
      .send(0, bytes.subarray(60), 60)
      .send(0, bytes.subarray(40, 60), 40)
      .send(0, bytes.subarray(20, 50), 20);
    expect(flow.end().ja4).toBe(fingerprint);
  });

  it("has a row for each ClientHello where the server asked for another", () => {
    const flow = new Conversation(6, [40000, 443]);
    flow.send(0, record(handshake(1, hello))).send(1, record(handshake(2, serverHello(0x1301, retry))));
    flow.send(0, Buffer.concat([record(Buffer.from([1]), 20), record(handshake(1, hello))]));
    flow.send(1, record(handshake(2, serverHello(0x1301)))).end();
    expect(flow.records.tls!.map(({ts, cipher}) => [ts, cipher])).toEqual([
      [1_700_000_000_001_000, 0x1301],
      [1_700_000_000_003_000, 0x1301]
    ]);
  });

  it("is found behind CONNECT, SOCKS and STARTTLS, the service being the first one", () => {
    const connect = new Conversation(6, [40000, 3128]);
    connect.send(0, "CONNECT www.example.org:443 HTTP/1.1\r\nHost: proxy\r\n\r\n").send(1, "HTTP/1.1 200 OK\r\n\r\n");
    expect(connect.send(0, record(handshake(1, hello))).end()).toEqual({
      service: "http",
      server_name: "proxy",
      ja4: fingerprint
    });
    const socks = new Conversation(6, [40000, 1080]);
    socks.send(0, Buffer.from("050100", "hex")).send(1, Buffer.from("0500", "hex"));
    expect(socks.send(0, record(handshake(1, hello))).end()).toEqual({
      service: "socks",
      server_name: "www.example.org",
      ja4: fingerprint
    });
    const mail = new Conversation(6, [40000, 25]);
    mail
      .send(1, "220 mail ESMTP\r\n")
      .send(0, "EHLO x\r\n")
      .send(1, "250 STARTTLS\r\n")
      .send(0, "STARTTLS\r\n")
      .send(1, "220 go\r\n");
    expect(mail.send(0, record(handshake(1, hello))).end()).toMatchObject({service: "smtp", ja4: fingerprint});
  });

  it("counts a hello whose lengths contradict each other", () => {
    const flow = new Conversation(6, [40000, 443]);
    flow.send(0, record(handshake(1, hello.subarray(0, 60))));
    expect(flow.end()).toEqual({service: "tls", server_name: null, ja4: null});
    expect(flow.dissection.counters.malformed).toBe(1);
  });
});

describe("fingerprints of a ClientHello", () => {
  /** JA4, JA3 and what that is the MD5 of; null where lengths contradict each other. */
  const read = (bytes: Uint8Array, carrier = "t") => {
    const {core, out} = units.begin();
    const start = units.put(bytes);
    const [key, work, ja4, ja3, texts] = [0, 1, 3, 4, 5].map((part) => out + part * 65_536);
    const end = start + bytes.length;
    if (!core.writeFingerprints(start, end, carrier.charCodeAt(0), key, work, ja4, ja3, texts)) return null;
    const text = (at: number, length: number) => units.get(at, length).toString("latin1");
    return {ja4: text(ja4, 36), ja3: text(ja3, 32), ja3Text: text(texts, units.bytes.indexOf(0, texts) - texts)};
  };

  it("leave GREASE out", () => {
    const ja3Text = "771,4866-4865-49199,0-10-11-16-13-43,29-23,0";
    expect(read(hello)).toEqual({ja4: fingerprint, ja3: row.ja3, ja3Text});
    expect(createHash("md5").update(ja3Text).digest("hex")).toBe(row.ja3);
  });

  it("show 9 for what an ALPN has outside ASCII, and the hexadecimal form of one that is not alphanumeric", () => {
    const of = (...names: string[]) => read(body(0x0301, [], [alpn(...names)]))!.ja4;
    expect(of("\xab\xcd")).toBe("t10i000199_000000000000_000000000000");
    expect(of("h")).toBe("t10i0001hh_000000000000_000000000000");
    expect(of("\x30\xab", "h2")).toBe("t10i000109_000000000000_000000000000");
    expect(of("\x20h2/")).toBe("t10i00012f_000000000000_000000000000");
  });

  it("say so where nothing is offered", () => {
    const bare = read(body(0x0300, [], []), "d")!;
    expect([bare.ja4, bare.ja3]).toEqual(["ds3i000000_000000000000_000000000000", "ba12b548d225aa7163af96c47205964e"]);
    expect(bare.ja3Text).toBe("768,,,,");
  });

  it("sort however many ciphers are offered, and show 99 of them", () => {
    const ciphers = Array.from({length: 5000}, (_, i) => (i * 40_503 + 12_345) & 0xffff);
    const counted = ciphers.filter((cipher) => (cipher & 0x0f0f) !== 0x0a0a || cipher >> 8 !== (cipher & 255));
    const sorted = Uint16Array.from(counted).sort();
    const list = Array.from(sorted, (cipher) => cipher.toString(16).padStart(4, "0")).join(",");
    const digest = createHash("sha256").update(list).digest("hex").slice(0, 12);
    const {ja4, ja3Text} = read(body(0x0303, ciphers, []))!;
    expect([ja4, ja3Text]).toEqual([`t12i990000_${digest}_000000000000`, `771,${counted.join("-")},,,`]);
  });

  it("are none of a hello cut anywhere, but where its extensions may be left out", () => {
    const extensionsAt = 2 + 32 + 1 + 2 + 8 + 2;
    const whole = Array.from({length: hello.length}, (_, length) => length).filter((length) =>
      read(hello.subarray(0, length))
    );
    expect(whole).toEqual([extensionsAt, extensionsAt + 1]);
  });
});
