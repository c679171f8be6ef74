import {readdirSync} from "node:fs";
import {join} from "node:path";
import {describe, expect, it} from "vitest";
import {itUnless} from "../../needs.ts";
import {noSharedData, sharedData} from "../../shared-data.ts";
import {ethernet, ip} from "../meter/frames.ts";
import {dissectFiles, dissectPackets} from "./metered.ts";

const router = "fe80::1";
const mac = "02:02:02:02:02:02";

const bytesOf = (address: string) => ip(0, new Uint8Array(), {src: address, dst: address}).subarray(8, 24);
const option = (kind: number, body: readonly (number | Uint8Array)[]) => {
  const content = Buffer.concat(body.map((part) => (typeof part === "number" ? Buffer.from([part]) : part)));
  return Buffer.concat([Buffer.from([kind, (content.length + 2) / 8]), content]);
};
const zeros = (count: number) => new Uint8Array(count);

/** A router advertisement that was not passed on by a router (hop limit 255), unless told otherwise. */
function advertisement(lifetime: number, options: readonly Uint8Array[], {src = router, hops = 255} = {}) {
  const message = Buffer.concat([
    Buffer.from([134, 0, 0, 0, 64, 0, lifetime >> 8, lifetime & 255]),
    zeros(8),
    ...options
  ]);
  const frame = Buffer.from(ethernet(58, message, {src, dst: "ff02::1"}));
  frame[14 + 7] = hops;
  return frame;
}

const prefix = (address: string, bits: number) => option(3, [bits, 0xc0, zeros(12), bytesOf(address)]);

async function rowsOf(frames: readonly Uint8Array[], every = 100) {
  const {records} = await dissectPackets(
    frames.map((frame, i) => ({us: 1_700_000_000_000_000 + i * every, frame: Buffer.from(frame)}))
  );
  return (records.network_layer ?? []).map((row) =>
    [
      row.kind,
      row.src_mac,
      row.router,
      row.destination,
      row.prefix,
      row.prefix_bits,
      row.name_server,
      row.lifetime_s,
      row.prefixes,
      row.overlap_bytes
    ]
      .map((value) => value ?? "-")
      .join("|")
  );
}

/** A fragment of an IPv4 datagram: bytes `from` to `to` of it, of which more follow unless it is the last. */
const fragment = (from: number, to: number, isLast = false, id = 7) =>
  ethernet(17, new Uint8Array(to - from), {id, fragment: (isLast ? 0 : 0x2000) | (from >> 3)});

describe("router advertisements", () => {
  it("have a row with router, first prefix, name server and lifetime", async () => {
    const message = advertisement(1800, [
      option(1, [Buffer.from("020202020202", "hex")]),
      prefix("2001:db8:7::", 64),
      prefix("2001:db8:8::", 64),
      option(25, [zeros(6), bytesOf("2001:db8::53")])
    ]);
    expect(await rowsOf([message, advertisement(0, [])])).toEqual([
      `router_advertisement|${mac}|fe80::1|-|2001:db8:7::|64|2001:db8::53|1800|2|-`,
      `router_advertisement|${mac}|fe80::1|-|-|-|-|0|0|-`
    ]);
  });

  it("that hosts discard have none", async () => {
    expect(await rowsOf([advertisement(1800, [], {hops: 64}), advertisement(9, [], {src: "2001:db8::1"})])).toEqual([]);
  });

  it("are written a thousand times a second at most, and cut anywhere do no harm", async () => {
    const message = advertisement(1800, [prefix("2001:db8:7::", 64)]);
    expect(await rowsOf(Array.from({length: 3000}, () => message))).toHaveLength(1000);
    const cut = [...message.keys()].map((length) => message.subarray(0, length));
    // With eight bytes and one more of the message, its lifetime is there.
    expect(await rowsOf(cut)).toHaveLength(message.length - (14 + 40 + 8) - 1);
  });

  it("of ICMP (RFC 1256) name a router of their own", async () => {
    const message = Buffer.from([9, 0, 0, 0, 1, 2, 0x07, 0x08, 10, 0, 0, 254, 0, 0, 0, 0]);
    expect(await rowsOf([ethernet(1, message, {})])).toEqual([
      `router_advertisement|${mac}|10.0.0.254|-|-|-|-|1800|-|-`
    ]);
  });
});

describe("redirects", () => {
  it("name router and destination", async () => {
    const about = ip(17, zeros(8), {src: "10.0.0.2", dst: "192.0.2.9"});
    const four = ethernet(1, Buffer.concat([Buffer.from([5, 1, 0, 0, 10, 0, 0, 66]), about]), {});
    const six = Buffer.from(
      ethernet(
        58,
        Buffer.concat([Buffer.from([137, 0, 0, 0, 0, 0, 0, 0]), bytesOf("fe80::66"), bytesOf("2001:db8::9")]),
        {
          src: router,
          dst: "fe80::2"
        }
      )
    );
    six[14 + 7] = 255;
    expect(await rowsOf([four, six])).toEqual([
      `redirect|${mac}|10.0.0.66|192.0.2.9|-|-|-|-|-|-`,
      `redirect|${mac}|fe80::66|2001:db8::9|-|-|-|-|-|-`
    ]);
  });
});

describe("fragments", () => {
  it("that overlap are told once a datagram, with the bytes they have in common", async () => {
    // Teardrop: the second lies within the first.
    expect(await rowsOf([fragment(0, 40), fragment(24, 28, true), fragment(32, 48)])).toEqual([
      `overlapping_fragments|${mac}|-|-|-|-|-|-|-|4`
    ]);
    expect(await rowsOf([fragment(0, 40), fragment(32, 80), fragment(80, 100, true)])).toEqual([
      `overlapping_fragments|${mac}|-|-|-|-|-|-|-|8`
    ]);
  });

  it("that follow one another in any order, come twice, or belong to another datagram do not", async () => {
    const pieces = [fragment(0, 40), fragment(40, 80), fragment(80, 100, true)];
    expect(await rowsOf([...pieces, ...pieces])).toEqual([]);
    expect(await rowsOf([pieces[2], pieces[0], pieces[2], pieces[1]])).toEqual([]);
    expect(await rowsOf([fragment(0, 40), fragment(24, 28, true, 8)])).toEqual([]);
    // The identification is used anew once the datagram is whole, or with its first fragment.
    expect(await rowsOf([fragment(0, 40), fragment(40, 60, true), fragment(32, 50, true)], 5000)).toEqual([]);
    expect(await rowsOf([fragment(0, 40), fragment(40, 80), fragment(0, 40), fragment(40, 60, true)], 5000)).toEqual(
      []
    );
    // Half a minute later reassembly has given up.
    expect(await rowsOf([fragment(0, 40), fragment(24, 28, true)], 31_000_000)).toEqual([]);
  });

  itUnless(noSharedData)("that overlap in the shared captures of evasion are those that tshark finds", async () => {
    const folder = join(sharedData, "pcap/suricata-verify/ipv6-evasion");
    const found: Record<string, unknown> = {};
    for (const name of readdirSync(folder)) {
      const number = /^ipv6-malformed-fragments-(\d+)$/.exec(name)?.[1];
      if (number === undefined) continue;
      const {records} = await dissectFiles([join(folder, name, `frag-${number}.pcap`)]);
      for (const {kind, overlap_bytes} of records.network_layer ?? [])
        if (kind === "overlapping_fragments") found[number] = overlap_bytes;
    }
    // tshark's ipv6.fragment.overlap; of 29 the one byte beyond a fragment whose length is no multiple of 8.
    expect(found).toEqual({6: 128, 7: 128, 8: 128, 29: 1});
  });
});

describe("neighbours that replace what is known", () => {
  /** A neighbour advertisement for fe80::7, with its flags (RFC 4861 §4.4). */
  const neighbour = (flags: number, hops = 255) => {
    const frame = Buffer.from(
      ethernet(58, Buffer.concat([Buffer.from([136, 0, 0, 0, flags, 0, 0, 0]), bytesOf("fe80::7")]), {
        src: "fe80::7",
        dst: "fe80::1"
      })
    );
    frame[14 + 7] = hops;
    return frame;
  };

  it("are told apart by whether they were asked for", async () => {
    expect(await rowsOf([neighbour(0x60), neighbour(0x20), neighbour(0xa0)])).toEqual([
      `neighbour_advertisement|${mac}|-|fe80::7|-|-|-|-|-|-`,
      `neighbour_announcement|${mac}|-|fe80::7|-|-|-|-|-|-`,
      `neighbour_announcement|${mac}|-|fe80::7|-|-|-|-|-|-`
    ]);
  });

  it("have no row where they do not override, or passed a router", async () => {
    expect(await rowsOf([neighbour(0x40), neighbour(0x20, 64)])).toEqual([]);
  });
});
