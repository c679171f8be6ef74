import {createHash} from "node:crypto";
import {isIP} from "node:net";
import type {FlowRow} from "../../schema/flows.ts";
import {guessedService} from "../dissect/port-guess.ts";
import {ipv4Text, ipv6Text} from "../meter/address-text.ts";
import {communityId} from "./community-id.ts";
import {type LogFlow, LogProblem, shown} from "./log-flow.ts";

/** Addresses that are kept as read, at most. */
const mostAddresses = 200_000;

/**
 * TCP connections that were never established, by their state, with the history that it implies: rules of scans ask for it
 * and for the absence of payload (Zeek's conn_state and history).
 */
const neverEstablished: ReadonlyMap<string, string | null> = new Map([
  ["S0", "S"],
  ["REJ", "Sr"],
  ["RSTOS0", "SR"],
  ["SH", "SF"],
  ["RSTRH", null],
  ["SHR", null]
]);

interface Address {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Times that are believed end in the year 2255: as numbers, later ones are no whole µs. */
const lastUs = 9e15;

/** A row of `flows` of which a log may know less: NULL is unknown. */
export type LogFlowRow = {readonly [name in keyof FlowRow]: FlowRow[name] | null};

/** Makes rows of `flows` of the flows of one log. */
export class FlowRows {
  readonly #sha256: string;
  readonly #addresses = new Map<string, Address>();
  #flows = 0;

  constructor(sha256: string) {
    this.#sha256 = sha256;
  }

  /** Throws a LogProblem where an address is none or the time cannot be. */
  row(flow: LogFlow): LogFlowRow {
    const src = this.#address(flow.srcIp);
    const dst = this.#address(flow.dstIp);
    const start = Math.round(flow.startUs);
    const duration = Math.round(flow.durationUs);
    if (!(start >= 0 && start + duration <= lastUs))
      throw new LogProblem(`expected a time from 1970 on, found ${flow.startUs} µs`);
    const {proto, srcPort, dstPort, vlan, service, connState} = flow;
    within("protocol", proto, 255);
    within("port", srcPort, 65_535);
    within("port", dstPort, 65_535);
    if (vlan !== null) within("VLAN", vlan, 4095);
    const isEstablished = proto !== 6 || connState === null || !neverEstablished.has(connState);
    const payload = isEstablished ? null : 0;
    const history = isEstablished ? null : (neverEstablished.get(connState) ?? null);
    return {
      ...unknown,
      flow_id: this.#nextId(),
      capture_sha256: this.#sha256,
      ts_start: start,
      ts_end: start + duration,
      duration_us: BigInt(duration),
      src_ip: src.text,
      src_port: srcPort,
      dst_ip: dst.text,
      dst_port: dstPort,
      outer_src_ip: src.text,
      outer_dst_ip: dst.text,
      proto,
      service,
      vlan,
      src_pkts: count(flow.src.packets),
      dst_pkts: count(flow.dst.packets),
      src_wire_bytes: count(flow.src.wireBytes ?? flow.src.ipBytes ?? flow.src.payloadBytes),
      dst_wire_bytes: count(flow.dst.wireBytes ?? flow.dst.ipBytes ?? flow.dst.payloadBytes),
      src_ip_bytes: count(flow.src.ipBytes),
      dst_ip_bytes: count(flow.dst.ipBytes),
      src_payload_bytes: count(flow.src.payloadBytes ?? payload),
      dst_payload_bytes: count(flow.dst.payloadBytes ?? payload),
      conn_state: connState,
      history: flow.history ?? history,
      end_reason: flow.endReason,
      community_id: flow.communityId ?? communityId(proto, src.bytes, srcPort, dst.bytes, dstPort),
      server_name: flow.serverName,
      service_guess: service === null ? guessedService(proto, dstPort) : null
    };
  }

  #nextId(): bigint {
    return createHash("sha256")
      .update(`${this.#sha256} ${this.#flows++}`)
      .digest()
      .readBigInt64LE(0);
  }

  #address(text: string): Address {
    const known = this.#addresses.get(text);
    if (known) return known;
    const address = addressOf(text);
    if (this.#addresses.size >= mostAddresses) this.#addresses.clear();
    this.#addresses.set(text, address);
    return address;
  }
}

const unknown = {
  vlan_inner: null,
  tunnel: null,
  ja4: null,
  dns_name: null,
  service_inside: null,
  proxied_ip: null,
  rtt_us: null,
  src_retransmits: null,
  dst_retransmits: null,
  src_fast_retransmits: null,
  dst_fast_retransmits: null,
  src_spurious_retransmits: null,
  dst_spurious_retransmits: null,
  src_late_pkts: null,
  dst_late_pkts: null,
  src_dup_acks: null,
  dst_dup_acks: null,
  src_zero_window_pkts: null,
  dst_zero_window_pkts: null,
  src_ack_rtt_min_us: null,
  src_ack_rtt_mean_us: null,
  dst_ack_rtt_min_us: null,
  dst_ack_rtt_mean_us: null,
  response_mean_us: null,
  response_max_us: null,
  activity: null
} as const;

/** A number that a log tells, as far as the lake's columns hold it. */
function within(name: string, value: number, most: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value <= most))
    throw new LogProblem(`${name}: expected 0 to ${most.toLocaleString("en")}, found ${value}`);
}

function count(value: number | null): bigint | null {
  if (value === null) return null;
  const whole = Math.round(value);
  within("packets or bytes", whole, Number.MAX_SAFE_INTEGER);
  return BigInt(whole);
}

function addressOf(text: string): Address {
  const plain = text.split("%")[0];
  const version = isIP(plain);
  if (version === 4) {
    const bytes = Uint8Array.from(plain.split("."), Number);
    return {bytes, text: ipv4Text(bytes, 0)};
  }
  if (version !== 6) throw new LogProblem(`expected an IP address, found ${shown(text)}`);
  const bytes = ipv6Bytes(plain);
  return {bytes, text: ipv6Text(bytes, 0)};
}

/** The sixteen bytes of an address that is known to be one. */
function ipv6Bytes(text: string): Uint8Array {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const hex = (high: string, low: string) => ((Number(high) << 8) | Number(low)).toString(16);
  const plain = dotted ? `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}` : text;
  const [before, after] = plain.split("::").map((part) => (part === "" ? [] : part.split(":")));
  const zeros = after === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...new Array<string>(zeros).fill("0"), ...(after ?? [])];
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
  );
}
