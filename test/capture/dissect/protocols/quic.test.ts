import {join} from "node:path";
import {describe, expect, it} from "vitest";
import {describeUnless} from "../../../needs.ts";
import {noSharedData} from "../../../shared-data.ts";
import {Conversation} from "../conversation.ts";
import {dissectCapture} from "../metered.ts";
import {firstByte, initialKeys, protectedPacket} from "../quic-packets.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const connectionId = hex("8394c8f03e515708");

/** A ClientHello for `example.org` with ALPN h3, TLS 1.3 alone. */
const hello = hex(
  `01 000053 0303 ${"07".repeat(32)} 00 0002 1301 0100 0028 0000 0010 000e 00 000b ${Buffer.from("example.org").toString("hex")}
   0010 0005 0003 02 6833 002b 0003 02 0304 000d 0000`.replace(/\s/g, "")
);

const u16 = (value: number) => Buffer.from([0x40 | (value >> 8), value & 255]);
const crypto = (offset: number, data: Uint8Array) => Buffer.concat([hex("06"), u16(offset), u16(data.length), data]);

/** A client's Initial packet as RFC 9001 §5 protects it, with a packet number of two bytes. */
function initial(version: number, number: number, frames: Uint8Array, id = connectionId): Buffer {
  const padded = Buffer.concat([frames, Buffer.alloc(Math.max(0, 1100 - frames.length))]);
  const versionBytes = Buffer.alloc(4);
  versionBytes.writeUInt32BE(version);
  const header = Buffer.concat([
    Buffer.from([firstByte(version)]),
    versionBytes,
    Buffer.from([id.length]),
    id,
    hex("00 00"),
    u16(2 + padded.length + 16),
    Buffer.from([number >> 8, number & 255])
  ]);
  return protectedPacket(header, padded, initialKeys(version, id)!);
}

const quic = (...datagrams: Uint8Array[]) => {
  const flow = new Conversation(17, [50000, 443]);
  for (const datagram of datagrams) flow.send(0, datagram);
  return flow;
};

// printf 1301 | sha256sum; printf 000d,002b | sha256sum
const named = {service: "quic", server_name: "example.org", ja4: "q13d0104h3_0f2cb44170f4_90f4629a5905"};

describe("QUIC", () => {
  for (const version of [1, 0x6b3343cf, 0xff00001d, 0x54303531, 0xfaceb001])
    it(`tells of the ClientHello in version ${version.toString(16)}`, () => {
      const flow = quic(initial(version, 0, crypto(0, hello)));
      expect(flow.wanted).toBe(false);
      expect(flow.end()).toEqual(named);
      expect(flow.records.tls).toEqual([
        {
          flow_id: (-2n << 32n) | 5n,
          capture_sha256: "c0ffee",
          ts: 1_700_000_000_001_000,
          version: "TLS 1.3",
          server_name: "example.org",
          alpn: "h3",
          ja4: named.ja4,
          // printf 771,4865,0-16-43-13,, | md5sum
          ja3: "8252a37aab7125c0b5e8550813ca26d8",
          cipher: null,
          ja3s: null,
          alpn_chosen: null,
          resumed: null,
          alert: null,
          alert_by: null,
          heartbeat_excess: null
        }
      ]);
    });

  it("reads the frames of Google's versions", () => {
    const frame = Buffer.concat([hex("08"), crypto(0, hello).subarray(1)]);
    expect(quic(initial(0x54303530, 0, frame)).end()).toEqual(named);
  });

  it("puts a hello together from frames in any order, over packets and datagrams, repeated ones too", () => {
    const [a, b, c, d] = [0, 1, 30, 60].map((from, i) => crypto(from, hello.subarray(from, [1, 32, 70, 87][i])));
    const acknowledgement = hex("02 05 00 01 00 00 00");
    const second = Buffer.concat([initial(1, 1, Buffer.concat([c, b])), initial(1, 2, a)]);
    expect(quic(initial(1, 0, Buffer.concat([d, hex("01"), c, acknowledgement])), second).end()).toEqual(named);
  });

  it("takes the keys anew after a Retry, and does not mind the server's packets", () => {
    const flow = quic(initial(1, 0, crypto(0, hello.subarray(0, 40))));
    flow.send(1, initial(1, 0, crypto(0, hex("02000000")), hex("0102030405060708")));
    flow.send(0, initial(1, 1, crypto(40, hello.subarray(40)), hex("aabbccdd")));
    expect(flow.end()).toEqual(named);
  });

  it("has a name only where the hello is not there", () => {
    const nothing = {service: "quic", server_name: null, ja4: null};
    const whole = initial(1, 0, crypto(0, hello));
    const changed = Buffer.from(whole);
    changed[500] ^= 1;
    expect(quic(changed).end()).toEqual(nothing);
    expect(quic(whole.subarray(0, 250)).end()).toEqual(nothing);
    const half = quic(initial(1, 0, crypto(0, hello.subarray(0, 50))));
    expect(half.end()).toEqual(nothing);
    expect(half.dissection.heldBytes).toBe(0);
    const other = quic(initial(1, 0, crypto(0, hex("02 000000"))));
    expect(other.end()).toEqual(nothing);
    expect(other.dissection.counters.malformed).toBe(1);
  });

  it("stops after four packets it cannot open, and where frames are too many", () => {
    const flow = quic();
    for (let i = 0; i < 4; i++) flow.send(0, Buffer.concat([initial(1, i, hex("01")).fill(0, 40, 90)]));
    expect(flow.wanted).toBe(false);
    const pieces = Buffer.concat(Array.from({length: 129}, (_, i) => crypto(2 * i + 2, hex("07"))));
    const many = quic(initial(1, 0, pieces));
    expect([many.wanted, many.dissection.counters.givenUp]).toEqual([false, 1]);
    many.end();
    expect(many.dissection.heldBytes).toBe(0);
  });
});

/** `tshark -Y "quic && tls.handshake.type==1" -T fields -e tls.handshake.extensions_server_name`. */
const serverNames: Record<string, readonly string[]> = {
  "ja4/quic-tls-handshake.pcapng": ["www.google.com"],
  "ja4/chrome-cloudflare-quic-with-secrets.pcapng": ["cloudflare-quic.com"],
  "ndpi/quic-28.pcap": ["www.wireshark.org"],
  "ndpi/quic-v2.pcapng": ["test"],
  "ndpi/quic_crypto_aes_auth_size.pcap": ["app-analytics-v2.snapchat.com", "gcp.api.snapchat.com"],
  "arkime/quicietf.pcap": ["ssl.gstatic.com"],
  "mercury/quic_v2.pcap": ["localhost"],
  "mercury/quic_reordered_frames.pcap": ["accounts.google.com", "update.googleapis.com"],
  "mercury/quic_init.capture2.pcap": ["mask.icloud.com"],
  "ipfixprobe/quic_initial-sample.pcap": ["www.google.com"],
  "suricata-verify/quic-frag-wait/input.pcap": ["www.google.com"],
  "suricata-verify/quic-initial-not-first/input.pcap": ["scontent-ams4-1.xx.fbcdn.net"],
  "zeek-extra/quic/quic-decrypt-fail-google-de-51833.pcap": ["www.google.de"],
  "zeek/ppp/quic-interop-retry.pcap": ["server4:443"]
};

describeUnless(noSharedData)("QUIC of shared captures", () => {
  for (const [file, names] of Object.entries(serverNames))
    it(`${file} has the server names that tshark reads`, async () => {
      const {records} = await dissectCapture(join("pcap", file));
      const hellos = (records.tls ?? []).filter(({ja4}) => String(ja4).startsWith("q"));
      expect(hellos.map(({server_name}) => server_name).sort()).toEqual(names);
    });
});
