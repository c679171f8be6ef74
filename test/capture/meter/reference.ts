import type {MeterSettings} from "../../../capture/meter/meter.ts";
import type {FlowObject} from "./metered.ts";
import {referenceActivity} from "./reference-activity.ts";
import {type End, isSamePair, referenceContext, type Start} from "./reference-context.ts";
import {ReferenceDecoder} from "./reference-decode.ts";
import {referenceFeatures, type SeenPacket} from "./reference-features.ts";
import type {Past} from "./reference-health.ts";
import type {Decoded, IpPacket} from "./reference-packet.ts";
import {speakerOf} from "./reference-speaker.ts";
import {Connection} from "./reference-tcp.ts";

/**
 * A meter in plain TypeScript, slow and obvious: maps with text keys, every packet kept until its flow ends. Its flows
 * are what the core's are compared with.
 */

export interface RawPacket {
  readonly bytes: Uint8Array;
  readonly wire: number;
  readonly ts: number;
  readonly link: number;
}

interface LiveFlow {
  readonly key: string;
  readonly decoded: Decoded;
  first: number;
  last: number;
  moved: number;
  /** Address and port of the originator and of the responder, the outer addresses likewise. */
  ends: [string, string];
  outer: [string, string];
  readonly connection: Connection;
  readonly packets: SeenPacket[];
  /** Of each packet, how many retransmissions it was. */
  readonly repeated: number[];
  closedAt: number | null;
  /** When its SYN came, while nobody has answered it. */
  triedAt: number | null;
  udpHistory: string;
  readonly start: Start;
  readonly context: number[];
}

const grace = 5e6;
const likelyTcp = new Set(
  "21 22 25 53 80 81 88 110 111 135 139 143 389 443 445 502 514 563 585 587 614 631 636 989 990 992 993 995 1080 1434 1883 2811 3128 3268 3306 3389 5222 5223 5269 5432 6379 6666 6667 6668 6669 8000 8080 8888 20000"
    .split(" ")
    .map(Number)
);
const likelyUdp = new Set(
  "53 67 88 111 123 137 161 162 389 443 514 1812 2123 2152 3389 3544 4011 4754 4789 5060 5072 5353 5355 6081 20000"
    .split(" ")
    .map(Number)
);

export class ReferenceMeter {
  readonly flows: FlowObject[] = [];
  readonly counters = {packets: 0, nonIpPackets: 0, arpPackets: 0, malformed: 0, unread: 0};
  readonly #settings: MeterSettings;
  readonly #decoder = new ReferenceDecoder();
  /** Flows in the order of their last moves, closed ones and unanswered attempts in that of their beginning so. */
  readonly #attempts = new Map<string, LiveFlow>();
  readonly #open = new Map<string, LiveFlow>();
  readonly #closed = new Map<string, LiveFlow>();
  readonly #starts: Start[] = [];
  readonly #ends: End[] = [];
  readonly #past = new Map<string, Past>();

  constructor(settings: MeterSettings) {
    this.#settings = settings;
  }

  add(packet: RawPacket): void {
    this.#expire(packet.ts);
    this.counters.packets++;
    // A record of no bytes is no packet, whatever its link type.
    const isNothing = packet.bytes.length === 0 && packet.wire === 0;
    const decoded = isNothing ? "malformed" : this.#decoder.decode(packet.link, packet.bytes, packet.wire);
    if (decoded === "malformed") this.counters.malformed++;
    else if (decoded === "unread") this.counters.unread++;
    else if (decoded === "non-ip" || decoded === "arp") {
      this.counters.nonIpPackets++;
      if (decoded === "arp") this.counters.arpPackets++;
    } else this.#meter(decoded, packet);
  }

  flush(): void {
    for (const flow of this.#closed.values()) this.#end(flow, flow.connection.over!);
    for (const flow of this.#byRest()) this.#end(flow, "end");
  }

  #expire(time: number): void {
    for (const flow of this.#closed.values()) {
      if (time - flow.closedAt! < grace) break;
      this.#end(flow, flow.connection.over!);
    }
    for (const flow of this.#attempts.values()) {
      if (time - flow.triedAt! < this.#wait) break;
      this.#end(flow, "idle");
    }
    for (const flow of this.#open.values()) {
      if (time - flow.last <= this.#settings.idleTimeoutUs) break;
      this.#end(flow, "idle");
    }
  }

  get #wait(): number {
    return Math.min(5e6, this.#settings.idleTimeoutUs);
  }

  /** Open flows and attempts, merged by who moved first. */
  *#byRest(): Iterable<LiveFlow> {
    while (this.#open.size + this.#attempts.size > 0) {
      const [open] = this.#open.values();
      const [attempt] = this.#attempts.values();
      yield !open || (attempt && attempt.triedAt! < open.moved) ? attempt : open;
    }
  }

  #meter(decoded: Decoded, packet: RawPacket): void {
    const {inner} = decoded;
    const time = packet.ts;
    const from = `${inner.src}|${inner.srcPort}`;
    const to = `${inner.dst}|${inner.dstPort}`;
    const pair = inner.oneWay ? [from, to, "one way"] : [from, to].sort();
    const tunnels = decoded.tunnels.map((tunnel) =>
      /^(gtpu|l2tp|l2tpv3):/.test(tunnel) ? tunnel.replace(/:.*/, "") : tunnel
    );
    const vlans = [decoded.vlans[0], decoded.vlans.length > 1 ? decoded.vlans.at(-1) : undefined];
    const key = [...pair, inner.proto, inner.version, ...vlans, ...tunnels].join();
    let flow = this.#open.get(key) ?? this.#closed.get(key) ?? this.#attempts.get(key);
    if (flow) {
      const over = flow.connection.over;
      const isOld = time - flow.last > this.#settings.idleTimeoutUs;
      const isOver = flow.closedAt !== null && time - flow.closedAt >= grace;
      if (isOld || isOver || (flow.triedAt !== null && time - flow.triedAt >= this.#wait)) {
        this.#end(flow, over ?? "idle");
        flow = undefined;
      } else if (time - flow.first > this.#settings.activeTimeoutUs) {
        this.#end(flow, over ?? "active");
        flow = this.#begin(key, decoded, time, flow.ends);
      } else if (inner.tcp && time >= flow.first && flow.connection.isReuse(inner.tcp, from === flow.ends[0] ? 0 : 1)) {
        this.#end(flow, over ?? "reuse");
        flow = undefined;
      } else if (flow.closedAt === null && flow.triedAt === null && Math.abs(time - flow.moved) >= 1e6) {
        flow.moved = time;
        this.#open.delete(key);
        this.#open.set(key, flow);
      }
    }
    flow ??= this.#begin(key, decoded, time, null);
    this.#observe(flow, inner, from, packet);
  }

  #begin(key: string, decoded: Decoded, time: number, before: [string, string] | null): LiveFlow {
    const {inner, outer} = decoded;
    const ends: [string, string] = [`${inner.src}|${inner.srcPort}`, `${inner.dst}|${inner.dstPort}`];
    const connection = new Connection();
    const fromServer = before ? before[0] !== ends[0] : ends[0] !== ends[1] && isFromServer(inner);
    const outerEnds: [string, string] = [outer.src, outer.dst];
    if (fromServer) {
      ends.reverse();
      outerEnds.reverse();
    }
    const history = fromServer && !before ? "^" : "";
    connection.history = history;
    const [[source], [destination, port]] = ends.map((end) => end.split("|"));
    const to = {source, destination, port: `${inner.proto}|${port}`};
    const start: Start = {time, ...to, failed: true, isRepeated: this.#starts.some((other) => isSamePair(other, to))};
    const context = referenceContext(this.#starts, this.#ends, start);
    this.#starts.push(start);
    const flow: LiveFlow = {
      key,
      decoded,
      first: time,
      last: time,
      moved: time,
      ends,
      outer: outerEnds,
      connection,
      packets: [],
      repeated: [],
      closedAt: null,
      triedAt: null,
      udpHistory: history,
      start,
      context
    };
    this.#open.set(key, flow);
    const past = this.#past.get(key);
    if (past && inner.tcp) {
      const {flags, seq} = inner.tcp;
      connection.health.resume(past, ends, `${inner.src}|${inner.srcPort}`, (flags & 0x12) === 2 ? seq : null);
    }
    return flow;
  }

  #observe(flow: LiveFlow, inner: IpPacket, from: string, packet: RawPacket): void {
    const {connection} = flow;
    const sideOf = () => (from === flow.ends[0] ? 0 : 1);
    if (inner.tcp && flow.ends[0] !== flow.ends[1] && connection.isReversed(inner, sideOf())) {
      connection.reverse(inner);
      flow.ends.reverse();
      flow.outer.reverse();
      for (const seen of flow.packets) seen.side = 1 - seen.side;
    }
    const side = sideOf();
    flow.repeated.push(0);
    flow.packets.push({side, time: packet.ts, wire: packet.wire, packet: inner});
    flow.last = Math.max(flow.last, packet.ts);
    flow.first = Math.min(flow.first, packet.ts);
    const isRst = ((inner.tcp?.flags ?? 0) & 4) !== 0;
    if (side === 1 && connection.ends[1].packets === 0 && !isRst) flow.start.failed = false;
    if (inner.payloadBytes > 0 && connection.ends[side].dataSegments++ === 0)
      connection.ends[side].firstData = packet.ts;
    connection.ends[side].packets++;
    if (inner.tcp) {
      const before = retransmits(connection);
      connection.follow(inner, side, packet.ts);
      flow.repeated[flow.packets.length - 1] = retransmits(connection) - before;
      this.#sort(flow, packet.ts, side === 0 && (inner.tcp.flags & 2) !== 0);
    } else if (inner.proto === 17) {
      const letter = side === 0 ? "D" : "d";
      if (!flow.udpHistory.includes(letter)) flow.udpHistory += letter;
    }
  }

  /** Moves a flow between the lists where its segment has closed it, or answered it, or was its first SYN. */
  #sort(flow: LiveFlow, time: number, isSyn: boolean): void {
    const {connection} = flow;
    if (connection.over) {
      if (flow.closedAt !== null) return;
      flow.closedAt = time;
      flow.triedAt = null;
      this.#move(flow, this.#closed);
    } else if (flow.triedAt !== null && !connection.isAttempt) {
      flow.triedAt = null;
      flow.moved = time;
      this.#move(flow, this.#open);
    } else if (flow.triedAt !== null && isSyn) {
      flow.triedAt = time;
      this.#move(flow, this.#attempts);
    } else if (flow.triedAt === null && flow.packets.length === 1 && connection.isAttempt) {
      flow.triedAt = time;
      this.#move(flow, this.#attempts);
    }
  }

  #move(flow: LiveFlow, to: Map<string, LiveFlow>): void {
    for (const list of [this.#open, this.#closed, this.#attempts]) list.delete(flow.key);
    to.set(flow.key, flow);
  }

  #end(flow: LiveFlow, reason: string): void {
    for (const list of [this.#open, this.#closed, this.#attempts]) list.delete(flow.key);
    const {connection, decoded, packets, ends, outer} = flow;
    const {inner, vlans, tunnels} = decoded;
    if (inner.proto === 6) {
      const left = connection.health.ends.map((end, i) => {
        const {sequenced, start} = connection.ends[i];
        end.seen.base = sequenced ? start : null;
        return [ends[i], end] as const;
      });
      this.#past.set(flow.key, left);
    }
    if (flow.start.isRepeated)
      this.#ends.push({
        start: flow.start,
        payload: packets.reduce((total, {packet}) => total + packet.payloadBytes, 0)
      });
    const of = (side: number) => packets.filter((seen) => seen.side === side);
    const sum = (side: number, what: (seen: SeenPacket) => number) =>
      of(side).reduce((total, seen) => total + what(seen), 0);
    const both = <T>(name: string, value: (side: number) => T) => ({
      [`src_${name}`]: value(0),
      [`dst_${name}`]: value(1)
    });
    this.flows.push({
      ts_start: flow.first,
      ts_end: flow.last,
      duration_us: flow.last - flow.first,
      ...both("ip", (side) => ends[side].split("|")[0]),
      ...both("port", (side) => Number(ends[side].split("|")[1])),
      outer_src_ip: outer[0],
      outer_dst_ip: outer[1],
      proto: inner.proto,
      vlan: vlans[0] ?? null,
      vlan_inner: vlans.length > 1 ? vlans.at(-1) : null,
      tunnel: tunnels.length > 0 ? tunnels.join(">") : null,
      ...both("pkts", (side) => of(side).length),
      ...both("wire_bytes", (side) => sum(side, (seen) => seen.wire)),
      ...both("ip_bytes", (side) => sum(side, (seen) => seen.packet.ipBytes)),
      ...both("payload_bytes", (side) => sum(side, (seen) => seen.packet.payloadBytes)),
      conn_state:
        inner.proto === 6 ? connection.connState : inner.proto === 17 ? udpState(of(0).length, of(1).length) : "OTH",
      history: inner.proto === 17 ? flow.udpHistory : connection.history,
      end_reason: reason,
      rtt_us: connection.roundTrip,
      ...health(connection, both),
      ...responses(packets),
      activity: referenceActivity(packets, flow.repeated, flow.first),
      ...referenceFeatures(packets, connection, flow.first, flow.last),
      ...Object.fromEntries(flow.context.map((value, i) => [contextNames[i], value]))
    });
  }
}

const retransmits = ({health: {ends}}: Connection) => ends[0].retransmits + ends[1].retransmits;

function health({health}: Connection, both: <T>(name: string, value: (side: number) => T) => Record<string, T>) {
  const end = (side: number) => health.ends[side];
  const times = (side: number) => end(side).roundTrips;
  return {
    ...both("retransmits", (side) => end(side).retransmits),
    ...both("fast_retransmits", (side) => end(side).fast),
    ...both("spurious_retransmits", (side) => end(side).spurious),
    ...both("late_pkts", (side) => end(side).late),
    ...both("dup_acks", (side) => end(side).dupAcks),
    ...both("zero_window_pkts", (side) => end(side).zeroWindows),
    ...both("ack_rtt_min_us", (side) => (times(side).length > 0 ? Math.min(...times(side)) : null)),
    ...both("ack_rtt_mean_us", (side) => mean(times(side)))
  };
}

/** From the originator's last data to the responder's first data that follow. */
function responses(packets: readonly SeenPacket[]) {
  const data = packets.filter(({packet}) => packet.payloadBytes > 0);
  const times = data
    .map(({side, time}, i) => (side === 1 && data[i - 1]?.side === 0 ? time - data[i - 1].time : -1))
    .filter((time) => time >= 0);
  return {response_mean_us: mean(times), response_max_us: times.length > 0 ? Math.max(...times) : null};
}

const mean = (values: readonly number[]) =>
  values.length > 0 ? halfToEven(values.reduce((total, value) => total + value, 0) / values.length) : null;

/** Rounds to the nearest whole number, halves to an even one (IEEE 754). */
function halfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

const contextNames =
  "ctx_src_flows ctx_src_ports ctx_src_hosts ctx_src_failed_share ctx_dst_flows ctx_dst_sources ctx_dst_port_sources ctx_pair_flows ctx_pair_port_flows ctx_interval_mean_s ctx_interval_cv ctx_last_src_ports ctx_last_src_hosts ctx_last_src_failed_share ctx_last_dst_sources ctx_last_dst_port_share ctx_same_size_share".split(
    " "
  );

function udpState(originator: number, responder: number): string {
  if (originator > 0) return responder > 0 ? "SF" : "S0";
  return responder > 0 ? "SHR" : "OTH";
}

const isGroup = (address: string) =>
  address.length === 8 ? address[0] === "e" || address === "ffffffff" : address.startsWith("ff");

/** A datagram to all of the sender's network, whose mask is 8, 16 or 24 bits. */
const isToSubnet = ({proto, src, dst}: IpPacket) =>
  proto === 17 &&
  dst.length === 8 &&
  [2, 4, 6].some((digits) => src.slice(0, digits) === dst.slice(0, digits) && /^f+$/.test(dst.slice(digits)));

function isFromServer(packet: IpPacket): boolean {
  const {proto, tcp, src, dst, srcPort, dstPort} = packet;
  if (proto === 6 && tcp && (tcp.flags & 0x12) === 2) return false;
  if (isGroup(dst) || isToSubnet(packet)) return false;
  if (isGroup(src)) return true;
  const speaker = speakerOf(packet);
  if (speaker) return speaker === "responder";
  const likely = proto === 6 ? likelyTcp : proto === 17 ? likelyUdp : new Set<number>();
  if (proto === 6 && (!tcp || (tcp.flags & 0x12) === 2)) return false;
  if (!likely.has(srcPort)) return false;
  if (!likely.has(dstPort)) return true;
  return proto === 6 && !(tcp!.flags & 2) && srcPort < dstPort;
}
