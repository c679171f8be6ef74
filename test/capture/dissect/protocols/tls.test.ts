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
  cipher: null
};

describe("TLS", () => {
  it("tells of the ClientHello and what the server chose", () => {
    const flow = new Conversation(6, [40000, 443]);
    flow.send(0, record(handshake(1, hello))).send(1, record(handshake(2, serverHello(0x1302))));
    expect(flow.wanted).toBe(false);
    expect(flow.end()).toEqual({service: "tls", server_name: "www.example.org", ja4: fingerprint});
    expect(flow.records.tls).toEqual([{...row, cipher: 0x1302}]);
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
