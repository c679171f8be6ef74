import {ethernet, icmp, ip, tcp, udp} from "./frames.ts";
import type {TestPacket} from "./metered.ts";

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Packets of few hosts and ports, so that they make conversations: sensible and senseless TCP, UDP, ICMP, fragments,
 * tunnels, VLANs, cut and changed frames; times that mostly go forward, sometimes far, sometimes back.
 */
export function randomPackets(seed: number, count: number): TestPacket[] {
  const random = randomNumbers(seed);
  const below = (n: number) => Math.floor(random() * n);
  const of = <T>(list: readonly T[]) => list[below(list.length)];
  const streams = new Map<string, {next: number; sent: number}>();
  let ts = 1_700_000_000_000_000;
  const frame = (): Uint8Array => {
    const isIpv6 = random() < 0.2;
    const hosts = isIpv6
      ? ["fd00::1", "fd00::2", "2001:db8::ffff"]
      : ["10.0.0.1", "10.0.0.2", "192.168.1.1", "10.0.0.1"];
    const vlans = random() < 0.1 ? [below(3), ...(random() < 0.3 ? [7] : [])] : [];
    const at = {
      src: of(hosts),
      dst: of(hosts),
      srcPort: of([80, 443, 40000, 40001]),
      dstPort: of([80, 53, 40000, 40001]),
      vlans
    };
    const payload = random() < 0.5 ? "" : "x".repeat(1 + below(of([3, 100, 1400])));
    const kind = random();
    if (kind < 0.6) {
      // Sequence numbers follow a stream, with repetitions, gaps and jumps.
      const name = (a: typeof at) => `${a.src}|${a.srcPort}|${a.dst}|${a.dstPort}`;
      const back = `${at.dst}|${at.dstPort}|${at.src}|${at.srcPort}`;
      const stream = streams.get(name(at)) ?? {next: below(2 ** 32), sent: 0};
      const peer = streams.get(back)?.next ?? 0;
      streams.set(name(at), stream);
      const flags =
        random() < 0.7
          ? of(["S", "SA", "A", "A", "A", "PA", "FA", "R", "RA"])
          : of(["", "SF", "FRA", "UP", "SAR", "SRF", "ECS"]);
      const slip = random();
      const seq =
        stream.next +
        (slip < 0.15 ? -payload.length - below(3) : slip < 0.25 ? below(3000) : slip < 0.27 ? below(2 ** 31) : 0);
      if (slip >= 0.15) stream.next = (seq + payload.length + (/[SF]/.test(flags) ? 1 : 0)) >>> 0;
      const ack = peer + (random() < 0.1 ? below(2000) - 500 : 0);
      return tcp({...at, flags, seq, ack, window: of([0, 8192, 8192, 100]), payload});
    }
    if (kind < 0.75) return udp({...at, payload});
    if (kind < 0.85)
      return isIpv6 ? icmp(of([128, 129, 1, 135, 3]), below(3), at) : icmp(of([0, 8, 3, 11, 13]), below(3), at);
    if (kind < 0.9)
      return udp({...at, payload: payload || "fragment", id: below(4), fragment: of([0x2000, 0x0010, 0x2010])});
    if (kind < 0.94) return ethernet(4, ip(17, new Uint8Array(20), {src: "172.16.0.1", dst: "172.16.0.2"}), at);
    if (kind < 0.97)
      return udp({
        ...at,
        dstPort: 4789,
        payload: Buffer.concat([Buffer.from([8, 0, 0, 0, 0, 0, below(3), 0]), tcp({...at, payload})])
      });
    return ethernet(of([2, 47, 50, 51, 132, 136]), new Uint8Array(of([0, 3, 8, 40])).fill(below(256)), at);
  };
  return Array.from({length: count}, () => {
    const step = random();
    ts += step < 0.02 ? -below(3e6) : step < 0.05 ? below(20e6) : step < 0.052 ? below(300e6) : below(200_000);
    const whole = frame();
    const bytes = random() < 0.03 ? whole.slice(0, below(whole.length)) : whole;
    if (random() < 0.02 && bytes.length > 0) bytes[below(bytes.length)] = below(256);
    return {bytes: new Uint8Array(bytes), wire: whole.length, ts};
  });
}

/** One connection whose segments come in any order, with many holes, repetitions and acknowledgments of what is missing. */
export function randomHoles(seed: number, count: number): TestPacket[] {
  const random = randomNumbers(seed);
  const below = (n: number) => Math.floor(random() * n);
  const there = {src: "10.0.0.1", dst: "10.0.0.2", srcPort: 40000, dstPort: 40001};
  const back = {src: "10.0.0.2", dst: "10.0.0.1", srcPort: 40001, dstPort: 40000};
  const first = below(2 ** 32);
  let base = first + 1;
  const frame = (i: number): Uint8Array => {
    if (i === 0) return tcp({...there, flags: "S", seq: first});
    if (i === 1) return tcp({...back, flags: "SA", seq: 7, ack: first + 1});
    if (random() < 0.1) return tcp({...back, flags: "A", seq: 8, ack: (base += below(60))});
    const flags = random() < 0.02 ? "FA" : "A";
    return tcp({...there, flags, seq: base + below(100), ack: 8, payload: "x".repeat(below(10))});
  };
  return Array.from({length: count}, (_, i) => {
    const bytes = new Uint8Array(frame(i));
    return {bytes, wire: bytes.length, ts: 1_700_000_000_000_000 + i * 1000};
  });
}
