import {createSocket} from "node:dgram";
import {connect as connectTcp, isIP, type Socket} from "node:net";
import {hostname} from "node:os";
import {setTimeout as sleep} from "node:timers/promises";
import {connect as connectTls} from "node:tls";
import type {Severity} from "../../schema/incidents.ts";
import type {Incident} from "../incident.ts";
import {isTest, linkOf, type Message} from "../message.ts";
import type {Section} from "../section.ts";
import {deliveryError, trusted} from "./failure.ts";
import {hostOf, portOf} from "./receiver.ts";
import type {OpenTransport, PathOf, TransportKind} from "./transport.ts";

export interface SyslogSettings {
  readonly host: string;
  readonly port: number;
  readonly transport: "udp" | "tcp" | "tls";
  /** Facility number, RFC 5424 §6.2.1. */
  readonly facility: number;
  readonly caFile: string | null;
}

const protections = {udp: "not encrypted, not confirmed", tcp: "not encrypted", tls: "TLS, certificate verified"};

/**
 * Syslog (RFC 5424), one message an incident: a datagram each by UDP (RFC 5426), counted octets by TCP (RFC 6587 §3.4.1)
 * and TLS (RFC 5425). Syslog confirms nothing: what was written counts as sent.
 */
export const syslog: TransportKind<SyslogSettings> = {
  title: "Syslog",
  secrets: {},
  read,
  open: (settings, _, timeoutMs) => openSyslog(settings, timeoutMs)
};

function read(section: Section, path: PathOf): SyslogSettings {
  const host = hostOf(section);
  const transport = section.oneOf("transport", ["udp", "tcp", "tls"] as const, "udp");
  // The registered ports of RFC 5426, RFC 6587 and RFC 5425.
  const port = portOf(section, transport === "tls" ? 6514 : 514);
  return {host, port, transport, facility: section.number("facility", 0, 23, 16), caFile: path(section, "ca_file")};
}

function openSyslog(settings: SyslogSettings, timeoutMs: number): OpenTransport {
  const {host, port, transport, facility} = settings;
  return {
    destination: `${host}:${port} by ${transport.toUpperCase()}`,
    protection: protections[transport],
    async send(message) {
      const lines = syslogLines(message, facility, hostname());
      try {
        if (transport === "udp") await sendDatagrams(host, port, lines);
        else await sendStream(settings, lines, timeoutMs);
      } catch (error) {
        throw deliveryError(`${host}:${port}`, error);
      }
    }
  };
}

/** Severities of RFC 5424 §6.2.1: critical, warning, notice; a test is informational. */
const levels: Readonly<Record<Severity, number>> = {high: 2, medium: 4, low: 5, info: 6};
const testLevel = 6;

/** Private enterprise number that RFC 5612 reserves for documentation: flowbook has none of its own. */
const enterprise = 32473;

/** The messages in the format of RFC 5424. Time is that of sending; that of the packets is in the structured data. */
export function syslogLines(message: Message, facility: number, host: string): string[] {
  const head = (level: number, kind: string) => {
    const time = new Date(message.createdMs).toISOString();
    return `<${facility * 8 + level}>1 ${time} ${host.replace(/[^\x21-\x7e]/g, "-").slice(0, 255) || "-"} flowbook - ${kind}`;
  };
  if (isTest(message)) return [`${head(testLevel, "test")} - \uFEFFflowbook: test message`];
  const lines = message.incidents.map(
    (incident) =>
      `${head(levels[incident.severity], incident.rule.slice(0, 32))} ${dataOf(incident, message)} \uFEFF${incident.summary}`
  );
  if (message.more > 0)
    lines.push(`${head(levels.medium, "more")} - \uFEFF${message.more} more incidents are in the notebook`);
  return lines;
}

function dataOf(incident: Incident, {id, link}: Message): string {
  const {rule, severity, technique, from, to, src, dst, port, flows} = incident;
  const fields = {
    message: id,
    incident: incident.id,
    rule,
    severity,
    technique,
    start: new Date(from / 1000).toISOString(),
    end: new Date(to / 1000).toISOString(),
    src,
    dst,
    port,
    flows,
    link: link === null ? null : linkOf(incident, link)
  };
  const texts = Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}="${String(value).replace(/["\\\]]/g, "\\$&")}"`);
  return `[flowbook@${enterprise} ${texts.join(" ")}]`;
}

/** RFC 5426 §3.2: receivers should take 2,048 octets. */
const longestDatagram = 2048;
/** A receiver that is not there is told by ICMP, if at all, at once. */
const icmpWaitMs = 100;

async function sendDatagrams(host: string, port: number, lines: readonly string[]): Promise<void> {
  const socket = createSocket({type: isIP(host) === 6 ? "udp6" : "udp4"});
  let failed: Error | null = null;
  socket.on("error", (error) => {
    failed ??= error;
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.connect(port, host, () => resolve());
    });
    for (const line of lines)
      await new Promise<void>((resolve, reject) =>
        socket.send(wholeCharacters(Buffer.from(line), longestDatagram), (error) => (error ? reject(error) : resolve()))
      );
    await sleep(icmpWaitMs);
    if (failed) throw failed;
  } finally {
    socket.close();
  }
}

/** At most `length` bytes of UTF-8, cut between characters. */
function wholeCharacters(bytes: Buffer, length: number): Buffer {
  if (bytes.length <= length) return bytes;
  let end = length;
  while ((bytes[end] & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}

/** A receiver that keeps the connection open after we ended it has still got everything. */
const lingerMs = 500;

function sendStream(settings: SyslogSettings, lines: readonly string[], timeoutMs: number): Promise<void> {
  const {host, port, transport, caFile} = settings;
  const frames = lines.map((line) => `${Buffer.byteLength(line)} ${line}`).join("");
  return new Promise((resolve, reject) => {
    const ca = transport === "tls" ? trusted(caFile) : undefined;
    const socket: Socket =
      transport === "tls"
        ? connectTls({host, port, ca, minVersion: "TLSv1.2", ...(isIP(host) === 0 ? {servername: host} : {})})
        : connectTcp({host, port});
    let linger: NodeJS.Timeout | undefined;
    const end = (error?: Error) => {
      clearTimeout(timer);
      clearTimeout(linger);
      socket.destroy();
      if (error) reject(error);
      else resolve();
    };
    const timer = setTimeout(
      () => end(Object.assign(new Error(`after ${timeoutMs / 1000} s`), {code: "ETIMEDOUT"})),
      timeoutMs
    );
    socket.on("error", end);
    socket.on("close", () => end());
    // What the receiver says is read, and of no interest, so that its end is noticed.
    socket.resume();
    socket.once(transport === "tls" ? "secureConnect" : "connect", () =>
      socket.end(frames, () => {
        linger = setTimeout(() => end(), lingerMs);
      })
    );
  });
}
