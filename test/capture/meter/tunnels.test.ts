import {describe, expect, it} from "vitest";
import {ethernet, type FrameOptions, icmp, ip, tcp, udp} from "./frames.ts";
import {meterPackets} from "./metered.ts";

const outer: FrameOptions = {src: "172.16.0.1", dst: "172.16.0.2"};
const inner: FrameOptions = {src: "10.0.0.1", dst: "10.0.0.2", srcPort: 1000, dstPort: 2000, payload: "x"};
const innerIp = () => udp(inner).subarray(14);

async function flowOf(bytes: Uint8Array) {
  const {flows} = await meterPackets([{bytes, ts: 1}]);
  expect(flows.length).toBe(1);
  const {tunnel, vlan, vlan_inner, src_ip, dst_port, outer_src_ip, proto} = flows[0];
  return {tunnel, vlan, vlan_inner, src_ip, dst_port, outer_src_ip, proto};
}

const found = {vlan: null, vlan_inner: null, src_ip: "10.0.0.1", dst_port: 2000, outer_src_ip: "172.16.0.1", proto: 17};

describe("a packet inside a tunnel", () => {
  it("is keyed on the inner addresses, with the tunnel from the outside in", async () => {
    const vxlan = (vni: number, frame: Uint8Array) =>
      Buffer.concat([Buffer.from([8, 0, 0, 0, 0, vni >> 8, vni & 255, 0]), frame]);
    const gre = Buffer.concat([Buffer.from([0x20, 0, 8, 0, 0, 0, 0, 9]), innerIp()]);
    expect(await flowOf(udp({...outer, dstPort: 4789, payload: vxlan(5000, udp(inner))}))).toEqual({
      ...found,
      tunnel: "vxlan:5000"
    });
    // Reserved bits (group policy) are ignored; the generic extension says what follows.
    const withFlags = (flags: number, next: number, content: Uint8Array) =>
      Buffer.concat([Buffer.from([flags, 0, 0, next, 0, 19, 136, 0]), content]);
    for (const flags of [0x88, 0x0c, 0xff])
      expect(await flowOf(udp({...outer, dstPort: 4789, payload: withFlags(flags, 0, udp(inner))}))).toEqual({
        ...found,
        tunnel: "vxlan:5000"
      });
    for (const [next, content] of [[1, innerIp()] as const, [3, udp(inner)] as const])
      expect(await flowOf(udp({...outer, dstPort: 4790, payload: withFlags(0x0c, next, content)}))).toEqual({
        ...found,
        tunnel: "vxlan:5000"
      });
    expect(await flowOf(ethernet(47, gre, outer))).toEqual({...found, tunnel: "gre:9"});
    expect(await flowOf(ethernet(4, innerIp(), outer))).toEqual({...found, tunnel: "ipip"});
    const geneve = Buffer.concat([Buffer.from([0, 0, 0x65, 0x58, 0, 0, 7, 0]), udp(inner)]);
    const nested = Buffer.concat([
      Buffer.from([0, 0, 8, 0]),
      ip(17, udp({...outer, dstPort: 6081, payload: geneve}).subarray(34), outer)
    ]);
    expect(await flowOf(ethernet(47, nested, outer))).toEqual({...found, tunnel: "gre>geneve:7"});
    const gtp = Buffer.concat([Buffer.from([0x30, 255, 0, 0, 0, 0, 0, 7]), innerIp()]);
    expect(await flowOf(udp({...outer, srcPort: 2152, dstPort: 2152, payload: gtp}))).toEqual({
      ...found,
      tunnel: "gtpu:7"
    });
  });

  it("is one flow in both directions of GTP-U, whose identifiers differ", async () => {
    const gtp = (teid: number, packet: Uint8Array) =>
      Buffer.concat([Buffer.from([0x30, 255, 0, 0, 0, 0, 0, teid]), packet]);
    const back = {...inner, src: inner.dst, dst: inner.src, srcPort: 2000, dstPort: 1000};
    const ports = {srcPort: 2152, dstPort: 2152};
    const {flows} = await meterPackets([
      {bytes: udp({...outer, ...ports, payload: gtp(1, innerIp())}), ts: 1},
      {bytes: udp({src: outer.dst, dst: outer.src, ...ports, payload: gtp(2, udp(back).subarray(14))}), ts: 2}
    ]);
    expect(flows.map((flow) => [flow.src_pkts, flow.dst_pkts, flow.tunnel, flow.outer_src_ip])).toEqual([
      [1, 1, "gtpu:1", "172.16.0.1"]
    ]);
  });

  it("that is broken leaves the outer packet its flow", async () => {
    const gre = Buffer.concat([Buffer.from([0, 0, 8, 0]), innerIp().subarray(0, 12)]);
    expect(await flowOf(ethernet(47, gre, outer))).toEqual({
      ...found,
      src_ip: "172.16.0.1",
      dst_port: 0,
      proto: 47,
      tunnel: null
    });
  });

  it("nested deeper than eight levels is keyed on the level reached", async () => {
    let packet = innerIp();
    for (let i = 0; i < 12; i++) packet = ip(4, packet, outer) as Buffer;
    const frame = Buffer.concat([Buffer.alloc(12), Buffer.from([8, 0]), packet]);
    expect(await flowOf(frame)).toEqual({
      ...found,
      src_ip: "172.16.0.1",
      dst_port: 0,
      proto: 4,
      tunnel: Array(8).fill("ipip").join(">")
    });
  });
});

describe("frames within frames", () => {
  it("are followed through 32 EtherTypes, and are malformed beyond, however many a frame holds", async () => {
    // Bridged Ethernet (0x6558), and 802.1ah service tags before the next frame (0x88e7).
    for (const header of ["0202020202020202020202026558", "02020202020202020202020288e700000000"]) {
      const layer = Buffer.from(header, "hex");
      const nested = (layers: number) => Buffer.concat([...Array(layers).fill(layer), udp(inner)]);
      expect((await flowOf(nested(32))).dst_port).toBe(2000);
      for (const layers of [33, Math.floor(262_000 / layer.length)]) {
        const {flows, counters} = await meterPackets([{bytes: nested(layers), ts: 1}]);
        expect([flows.length, counters.malformed]).toEqual([0, 1]);
      }
    }
  });
});

describe("VLAN tags", () => {
  it("tell flows apart", async () => {
    const {flows} = await meterPackets([10, 20].map((vlan) => ({bytes: udp({...inner, vlans: [vlan]}), ts: 1})));
    expect(flows.map((flow) => [flow.vlan, flow.vlan_inner])).toEqual([
      [10, null],
      [20, null]
    ]);
  });

  it("are kept outer and inner", async () => {
    const {flows} = await meterPackets([{bytes: tcp({...inner, vlans: [0, 4094]}), ts: 1}]);
    expect([flows[0].vlan, flows[0].vlan_inner]).toEqual([0, 4094]);
  });
});

describe("fragments", () => {
  it("belong to the flow of their first one", async () => {
    const first = udp({...inner, payload: "x".repeat(64), id: 7, fragment: 0x2000});
    const later = ethernet(17, Buffer.alloc(32), {...inner, id: 7, fragment: 9});
    const stranger = ethernet(17, Buffer.alloc(32), {...inner, id: 8, fragment: 9});
    const {flows} = await meterPackets([first, later, stranger].map((bytes, ts) => ({bytes, ts})));
    expect(flows.map((flow) => [flow.src_port, flow.dst_port, flow.src_pkts, flow.src_payload_bytes])).toEqual([
      [1000, 2000, 2, 96],
      [0, 0, 1, 32]
    ]);
  });
});

describe("ICMP", () => {
  it("makes one flow of an echo and its reply, whichever comes first", async () => {
    const {flows} = await meterPackets([
      {bytes: icmp(0, 0, {src: "10.0.0.2", dst: "10.0.0.1"}), ts: 1},
      {bytes: icmp(8, 0, {src: "10.0.0.1", dst: "10.0.0.2"}), ts: 2}
    ]);
    expect(flows.map((flow) => [flow.src_ip, flow.src_port, flow.dst_port, flow.src_pkts, flow.dst_pkts])).toEqual([
      ["10.0.0.2", 0, 8, 1, 1]
    ]);
  });
});
