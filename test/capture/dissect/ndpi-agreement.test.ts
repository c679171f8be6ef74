import {basename} from "node:path";
import {expect, it} from "vitest";
import {describeUnless} from "../../needs.ts";
import {noSharedData, sharedCaptures} from "../../shared-data.ts";
import {dissectCapture} from "./metered.ts";
import {endsOf, type NdpiVerdict, ndpiVerdicts} from "./ndpi-truth.ts";

/** nDPI's names of protocols that this recognises too, and what it calls them. */
const ours: Readonly<Record<string, string>> = {
  AVASTSecureDNS: "dns",
  BitTorrent: "bittorrent",
  DHCP: "dhcp",
  DHCPV6: "dhcpv6",
  DNP3: "dnp3",
  DNS: "dns",
  DTLS: "dtls",
  FTP_CONTROL: "ftp",
  HTTP: "http",
  HTTP_Connect: "http",
  HTTP_Proxy: "http",
  IMAP: "imap",
  IMAPS: "tls",
  IPSec: "ike",
  Kerberos: "kerberos",
  LDAP: "ldap",
  LLMNR: "llmnr",
  MDNS: "mdns",
  Modbus: "modbus",
  MongoDB: "mongodb",
  MQTT: "mqtt",
  "MsSQL-TDS": "mssql",
  MySQL: "mysql",
  NetBIOS: "netbios",
  NTP: "ntp",
  OpenVPN: "openvpn",
  POP3: "pop3",
  POPS: "tls",
  PostgreSQL: "postgresql",
  QUIC: "quic",
  Radius: "radius",
  RDP: "rdp",
  RTCP: "rtcp",
  RTP: "rtp",
  RTSP: "rtsp",
  SIP: "sip",
  SMBv1: "smb",
  SMBv23: "smb",
  SMTP: "smtp",
  SMTPS: "tls",
  SNMP: "snmp",
  SOCKS: "socks",
  SSDP: "ssdp",
  SSH: "ssh",
  STUN: "stun",
  SRTP: "rtp",
  Syslog: "syslog",
  Telnet: "telnet",
  TFTP: "tftp",
  TLS: "tls",
  VNC: "vnc",
  WireGuard: "wireguard"
};

/** Names that say the same of a flow; nDPI gives it the last protocol it meets, this the first. */
const alike: Readonly<Record<string, readonly string[]>> = {
  // A call over WebRTC begins with STUN.
  DTLS: ["stun"],
  SRTP: ["stun"],
  // STARTTLS.
  SMTPS: ["smtp"],
  // NetBIOS.SMBv23: a session of NetBIOS that carries SMB.
  NetBIOS: ["smb"],
  // TLS.RDP: RDP's own negotiation goes before.
  TLS: ["rdp"]
};

/** Flows that differ where nDPI decides by content, and why. */
const explained: Readonly<Record<string, string>> = {
  "bittorrent_tcp_miss.pcapng":
    "encrypted and without its beginning; nDPI knows the port's number of BitTorrent's clients",
  "bittorrent_utp.pcap": "uTP alone, whose header of 20 bytes has nothing fixed",
  "coap_mqtt.pcap": "three PUBLISH without their CONNECT",
  "dns_invert_query.pcapng": "an inverse query, obsolete since RFC 3425",
  "rdp2.pcap": "a UDP connection whose first packet is not the SYN"
};

interface Compared {
  readonly file: string;
  readonly verdict: NdpiVerdict;
  readonly service: string | null;
}

/** Every flow that nDPI tells of, with the service this gives it; flows keyed by other tuples (tunnels, fragments) are left out. */
async function compareAll(): Promise<Compared[]> {
  const compared: Compared[] = [];
  for (const {file} of sharedCaptures("pcap").filter((capture) => capture.file.startsWith("pcap/ndpi/"))) {
    const verdicts = ndpiVerdicts(file);
    if (!verdicts) continue;
    const services = new Map<string, string | null>();
    for (const {proto, srcIp, srcPort, dstIp, dstPort, service} of (await dissectCapture(file)).flows) {
      const key = `${proto === 6 ? "TCP" : "UDP"} ${endsOf(`${srcIp} ${srcPort}`, `${dstIp} ${dstPort}`)}`;
      services.set(key, services.get(key) ?? service);
    }
    for (const verdict of verdicts) {
      const service = services.get(`${verdict.transport} ${verdict.ends}`);
      if (service !== undefined) compared.push({file: basename(file), verdict, service});
    }
  }
  return compared;
}

const isSame = ({verdict: {protocol}, service}: Compared) =>
  service === ours[protocol] || (service !== null && (alike[protocol] ?? []).includes(service));

/** A line per nDPI name: how often which of our services. */
function confusion(flows: readonly Compared[]): string {
  const table: Record<string, Record<string, number>> = {};
  for (const {verdict, service} of flows) {
    const row = (table[verdict.protocol] ??= {});
    row[service ?? "-"] = (row[service ?? "-"] ?? 0) + 1;
  }
  const lines = Object.entries(table).sort(([a], [b]) => a.localeCompare(b));
  return lines
    .map(
      ([name, row]) =>
        `${name.padEnd(16)} ${Object.entries(row)
          .map(([service, n]) => `${service} ${n}`)
          .join(", ")}`
    )
    .join("\n");
}

describeUnless(noSharedData)("services beside nDPI's verdicts", () => {
  it("are the same for 95 % of the flows of each transport that nDPI knows by content, differences explained", async () => {
    const all = await compareAll();
    const listed = all.filter(({verdict}) => verdict.protocol in ours);
    const known = listed.filter(({verdict}) => verdict.isByContent);
    const guessed = listed.filter(({verdict}) => !verdict.isByContent);
    const share = (flows: readonly Compared[]) =>
      `${flows.filter(isSame).length} of ${flows.length} (${((100 * flows.filter(isSame).length) / flows.length).toFixed(2)} %)`;
    console.info(
      [
        `nDPI by content, ours the same: ${share(known)}`,
        confusion(known),
        `nDPI by port or address (its guesses), ours by content: ${share(guessed)}`,
        confusion(guessed),
        "nDPI has another name for it, ours by content:",
        confusion(all.filter(({verdict, service}) => !(verdict.protocol in ours) && service !== null))
      ].join("\n\n")
    );
    expect(known.length).toBeGreaterThan(1200);
    expect(known.filter(isSame).length / known.length).toBeGreaterThan(0.99);
    for (const transport of ["TCP", "UDP"]) {
      const own = known.filter(({verdict}) => verdict.transport === transport);
      expect(own.filter(isSame).length / own.length).toBeGreaterThan(0.95);
    }
    const unexplained = known.filter((flow) => !isSame(flow) && !(flow.file in explained));
    expect(unexplained.map(({file, verdict, service}) => `${file}: ${verdict.stack} is ${service}`)).toEqual([]);
    // What nDPI guesses by a port is never contradicted by content.
    expect(guessed.filter((flow) => flow.service !== null && !isSame(flow))).toEqual([]);
  }, 240_000);
});
