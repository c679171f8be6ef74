/** A flow as the log of another program has it. What the log does not say is null. */
export interface LogFlow {
  readonly startUs: number;
  readonly durationUs: number;
  readonly srcIp: string;
  readonly srcPort: number;
  readonly dstIp: string;
  readonly dstPort: number;
  /** IANA protocol number. */
  readonly proto: number;
  readonly src: LogSide;
  readonly dst: LogSide;
  readonly vlan: number | null;
  readonly service: string | null;
  readonly serverName: string | null;
  readonly connState: string | null;
  readonly history: string | null;
  readonly endReason: string | null;
  readonly communityId: string | null;
}

/** What one side of a flow sent. */
export interface LogSide {
  readonly packets: number | null;
  /** Frame lengths on the wire. */
  readonly wireBytes: number | null;
  readonly ipBytes: number | null;
  readonly payloadBytes: number | null;
}

/** Why a line or record of a log is no flow that could be taken. */
export class LogProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = "LogProblem";
  }
}

/** A record of a log by the names of its fields; null where the field is missing or unset. */
export interface LogRecord {
  text(name: string): string | null;
  /** Whether its log has the field at all. */
  has(name: string): boolean;
}

/** A log of flows that is read record by record, one line each: TSV, CSV or JSON. */
export interface LogFormat {
  /** As `captures.format` has it. */
  readonly name: string;
  /** Fields that tell it apart; of a list one of them. */
  readonly marks: readonly (string | readonly string[])[];
  /** The flow of a record; null for records of another kind. Throws a LogProblem where it is not to be read. */
  flow(record: LogRecord): LogFlow | null;
}

/** The field as a number; null where it is missing. Throws where it is none, or negative. */
export function number(record: LogRecord, name: string): number | null {
  const text = record.text(name);
  if (text === null) return null;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new LogProblem(`${name}: expected a number, found ${shown(text)}`);
  return value;
}

/** As {@link number}, where the record is nothing without it. */
export function needed(record: LogRecord, name: string): number {
  const value = number(record, name);
  if (value === null) throw new LogProblem(`${name}: expected a number, found none`);
  return value;
}

/** A port; 0 where there is none. */
export function port(record: LogRecord, name: string): number {
  const value = number(record, name) ?? 0;
  if (value > 65_535) throw new LogProblem(`${name}: expected a port, found ${value}`);
  return Math.floor(value);
}

const protocols: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  "ipv6-icmp": 58,
  icmp6: 58,
  icmpv6: 58,
  sctp: 132
};

/** A protocol by its name or number. `isV6`: Zeek and others call both versions icmp. */
export function protocol(record: LogRecord, name: string, isV6: boolean): number {
  const text = record.text(name)?.toLowerCase() ?? "";
  const value = Object.hasOwn(protocols, text) ? protocols[text] : /^\d+(\.0)?$/.test(text) ? Number(text) : -1;
  if (value < 0 || value > 255) throw new LogProblem(`${name}: expected an IP protocol, found ${shown(text)}`);
  return value === 1 && isV6 ? 58 : value;
}

/** A text of a log within an error. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** TCP flags that a side sent, as far as a state follows from them. */
export interface Flags {
  readonly syn: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
}

/** Zeek's conn_state from the flags and packets of both sides; for protocols without flags from packets alone. */
export function stateOf(proto: number, src: Flags, dst: Flags, srcPackets: number, dstPackets: number): string {
  if (proto === 17) return dstPackets === 0 ? "S0" : srcPackets === 0 ? "SHR" : "SF";
  if (proto !== 6) return "OTH";
  if (!src.syn) return dst.syn && dstPackets > 0 ? (dst.fin ? "SHR" : "OTH") : "OTH";
  if (!dst.syn) {
    if (dst.rst) return "REJ";
    if (dstPackets > 0) return "OTH";
    return src.rst ? "RSTOS0" : src.fin ? "SH" : "S0";
  }
  if (dst.rst) return "RSTR";
  if (src.rst) return "RSTO";
  if (src.fin && dst.fin) return "SF";
  return src.fin ? "S2" : dst.fin ? "S3" : "S1";
}

/** Flags of the TCP header's byte. */
export function flagsOf(byte: number): Flags {
  return {fin: (byte & 1) !== 0, syn: (byte & 2) !== 0, rst: (byte & 4) !== 0};
}
