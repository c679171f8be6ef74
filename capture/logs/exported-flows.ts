import {ipv4Text, ipv6Text} from "../meter/address-text.ts";
import {type Elements, type ExportRecord, numberOf, reverse} from "./export-messages.ts";
import {type Flags, flagsOf, type LogFlow, stateOf} from "./log-flow.ts";

/** A record of one direction begins another flow where so much time lies between it and the one of the way back. */
const gapUs = 120e6;
/** Records that wait for the one of the way back, at most. */
const mostWaiting = 200_000;

/** Why the exporter ended a flow (IPFIX flowEndReason), in the words of `flows.end_reason`. */
const endReasons = [null, "idle", "active", "fin", "end", "evicted"] as const;

interface Half {
  startUs: number;
  endUs: number;
  srcIp: string;
  srcPort: number;
  dstIp: string;
  dstPort: number;
  proto: number;
  vlan: number | null;
  endReason: string | null;
  sides: [Side, Side];
}

interface Side {
  packets: number;
  bytes: number;
  flags: Flags | null;
}

/**
 * Flows of records of NetFlow and IPFIX: records of the two directions are put together where their times meet. The
 * originator is who began first; of both at once, who sent to the lower port.
 */
export class ExportedFlows {
  readonly #waiting = new Map<string, Half>();
  /** Records without addresses or times. */
  left = 0;

  /** Takes a record; returns flows that are complete. */
  add(record: ExportRecord): LogFlow[] {
    const half = halfOf(record);
    if (!half) {
      this.left++;
      return [];
    }
    if (half.sides[1].packets > 0) return [flowOf(half)];
    const back = keyOf(half.dstIp, half.dstPort, half.srcIp, half.srcPort, half);
    const other = this.#waiting.get(back);
    if (other && half.startUs <= other.endUs + gapUs && other.startUs <= half.endUs + gapUs) {
      this.#waiting.delete(back);
      return [flowOf(joined(other, half))];
    }
    const key = keyOf(half.srcIp, half.srcPort, half.dstIp, half.dstPort, half);
    const done: LogFlow[] = [];
    const before = this.#waiting.get(key);
    if (before) {
      this.#waiting.delete(key);
      done.push(flowOf(before));
    }
    this.#waiting.set(key, half);
    if (this.#waiting.size > mostWaiting) {
      const [oldest, flow] = this.#waiting.entries().next().value!;
      this.#waiting.delete(oldest);
      done.push(flowOf(flow));
    }
    return done;
  }

  /** Flows of which one direction alone was exported. */
  rest(): LogFlow[] {
    const rest = [...this.#waiting.values()].map(flowOf);
    this.#waiting.clear();
    return rest;
  }
}

function keyOf(srcIp: string, srcPort: number, dstIp: string, dstPort: number, {proto, vlan}: Half): string {
  // Types and codes of ICMP are not those of the way back.
  const isIcmp = proto === 1 || proto === 58;
  return isIcmp ? `${srcIp} ${dstIp} ${proto}` : `${srcIp} ${srcPort} ${dstIp} ${dstPort} ${proto} ${vlan}`;
}

function joined(first: Half, second: Half): Half {
  const isFirst = first.startUs === second.startUs ? first.dstPort <= second.dstPort : first.startUs < second.startUs;
  const [there, back] = isFirst ? [first, second] : [second, first];
  return {
    ...there,
    startUs: Math.min(first.startUs, second.startUs),
    endUs: Math.max(first.endUs, second.endUs),
    sides: [there.sides[0], back.sides[0]]
  };
}

function flowOf({sides: [src, dst], proto, startUs, endUs, ...half}: Half): LogFlow {
  const none = {syn: false, fin: false, rst: false};
  const isTold = proto !== 6 || src.flags !== null;
  const side = ({packets, bytes}: Side) => ({packets, wireBytes: null, ipBytes: bytes, payloadBytes: null});
  return {
    startUs,
    durationUs: Math.max(0, endUs - startUs),
    srcIp: half.srcIp,
    srcPort: half.srcPort,
    dstIp: half.dstIp,
    dstPort: half.dstPort,
    proto,
    src: side(src),
    dst: side(dst),
    vlan: half.vlan,
    service: null,
    serverName: null,
    connState: isTold ? stateOf(proto, src.flags ?? none, dst.flags ?? none, src.packets, dst.packets) : null,
    history: null,
    endReason: half.endReason,
    communityId: null
  };
}

/** What a record says; null where it is no record of a flow. */
function halfOf({elements, bootMs, exportMs}: ExportRecord): Half | null {
  const srcIp = address(elements, 8, 27);
  const dstIp = address(elements, 12, 28);
  const times = timesOf(elements, bootMs, exportMs);
  if (srcIp === null || dstIp === null || times === null) return null;
  const proto = numberOf(elements, 4) ?? 0;
  const isIcmp = proto === 1 || proto === 58;
  const icmp = numberOf(elements, 32) ?? numberOf(elements, 139) ?? numberOf(elements, 11) ?? 0;
  const type = numberOf(elements, 176) ?? numberOf(elements, 178) ?? icmp >> 8;
  const code = numberOf(elements, 177) ?? numberOf(elements, 179) ?? icmp & 255;
  return {
    ...times,
    srcIp,
    srcPort: isIcmp ? type : (numberOf(elements, 7) ?? 0),
    dstIp,
    dstPort: isIcmp ? code : (numberOf(elements, 11) ?? 0),
    proto,
    vlan: numberOf(elements, 58) || null,
    endReason: endReasons[numberOf(elements, 136) ?? 0] ?? null,
    sides: [
      sideOf(elements, {bytes: [1, 85, 231], packets: [2, 86, 298], flags: 6}),
      sideOf(elements, {
        bytes: [reverse + 1, reverse + 85, 232],
        packets: [reverse + 2, reverse + 86, 299],
        flags: reverse + 6
      })
    ]
  };
}

function sideOf(
  elements: Elements,
  names: {readonly bytes: readonly number[]; readonly packets: readonly number[]; readonly flags: number}
): Side {
  const first = (of: readonly number[]) => of.map((name) => numberOf(elements, name)).find((one) => one !== null) ?? 0;
  const flags = numberOf(elements, names.flags);
  return {bytes: first(names.bytes), packets: first(names.packets), flags: flags === null ? null : flagsOf(flags)};
}

function address(elements: Elements, v4: number, v6: number): string | null {
  const four = elements.get(v4);
  if (four?.length === 4) return ipv4Text(four, 0);
  const six = elements.get(v6);
  return six?.length === 16 ? ipv6Text(six, 0) : null;
}

function timesOf(elements: Elements, bootMs: number | null, exportMs: number): Pick<Half, "startUs" | "endUs"> | null {
  const boot = numberOf(elements, 160) ?? bootMs;
  const pairs: [start: number | null, end: number | null][] = [
    [scaled(elements, 152, 1000), scaled(elements, 153, 1000)],
    [ntp(elements, 154), ntp(elements, 155)],
    [ntp(elements, 156), ntp(elements, 157)],
    [scaled(elements, 150, 1e6), scaled(elements, 151, 1e6)],
    [before(elements, 158, exportMs), before(elements, 159, exportMs)],
    [sinceBoot(elements, 22, boot), sinceBoot(elements, 21, boot)]
  ];
  const [startUs, told] = pairs.find(([start]) => start !== null) ?? [null, null];
  if (startUs === null) return null;
  const lasted = scaled(elements, 161, 1000) ?? numberOf(elements, 162) ?? 0;
  return {startUs, endUs: Math.max(startUs, told ?? startUs + lasted)};
}

function scaled(elements: Elements, name: number, by: number): number | null {
  const found = numberOf(elements, name);
  return found === null ? null : found * by;
}

/** µs before the message was made. */
function before(elements: Elements, name: number, exportMs: number): number | null {
  const found = numberOf(elements, name);
  return found === null ? null : exportMs * 1000 - found;
}

/** ms since the exporter began, in 32 bits that begin again after 49 days. */
function sinceBoot(elements: Elements, name: number, bootMs: number | null): number | null {
  const found = numberOf(elements, name);
  return found === null || bootMs === null ? null : (bootMs + found) * 1000;
}

/** Seconds since 1900 and their 2^-32 parts, as dateTimeMicroseconds and …Nanoseconds are (RFC 7011 §6.1.9). */
function ntp(elements: Elements, name: number): number | null {
  const bytes = elements.get(name);
  if (bytes?.length !== 8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  return (view.getUint32(0) - 2_208_988_800) * 1e6 + Math.round((view.getUint32(4) / 2 ** 32) * 1e6);
}
