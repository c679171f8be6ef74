import type {DimensionName} from "./dimensions.js";
import {scoreBinWidth} from "./dimensions.js";
import {formatCount, signed} from "./format.js";
import {className} from "./incidents.js";
import type {Cell} from "./question.js";
import {shortened, visibleText} from "./visible-text.js";

/** Names of IANA protocol numbers that flows have; others are shown by number. */
const protocolNames: Readonly<Record<number, string>> = {
  1: "ICMP",
  2: "IGMP",
  6: "TCP",
  17: "UDP",
  41: "IPv6 in IPv4",
  47: "GRE",
  50: "ESP",
  51: "AH",
  58: "ICMPv6",
  88: "EIGRP",
  89: "OSPF",
  103: "PIM",
  112: "VRRP",
  132: "SCTP"
};

/** The name of an IANA protocol number. */
export function protocolName(proto: number): string {
  return protocolNames[proto] ?? `IP protocol ${proto}`;
}

const serviceNames: Readonly<Record<string, string>> = {
  dns: "DNS",
  mdns: "mDNS",
  llmnr: "LLMNR",
  http: "HTTP",
  http2: "HTTP/2",
  grpc: "gRPC",
  tls: "TLS",
  ssl: "TLS",
  dtls: "DTLS",
  quic: "QUIC",
  ssh: "SSH",
  ftp: "FTP",
  "ftp-data": "FTP data",
  dcc: "DCC (IRC)",
  tftp: "TFTP",
  telnet: "Telnet",
  smtp: "SMTP",
  imap: "IMAP",
  pop3: "POP3",
  dhcp: "DHCP",
  dhcpv6: "DHCPv6",
  ntp: "NTP",
  mqtt: "MQTT",
  amqp: "AMQP",
  smb: "SMB",
  netbios: "NetBIOS",
  rdp: "RDP",
  vnc: "VNC",
  sip: "SIP",
  rtp: "RTP",
  rtcp: "RTCP",
  rtsp: "RTSP",
  stun: "STUN",
  snmp: "SNMP",
  ssdp: "SSDP",
  syslog: "Syslog",
  radius: "RADIUS",
  ldap: "LDAP",
  kerberos: "Kerberos",
  ike: "IKE",
  l2tp: "L2TP",
  wireguard: "WireGuard",
  openvpn: "OpenVPN",
  socks: "SOCKS",
  bittorrent: "BitTorrent",
  irc: "IRC",
  xmpp: "XMPP",
  modbus: "Modbus",
  dnp3: "DNP3",
  redis: "Redis",
  mysql: "MySQL",
  postgresql: "PostgreSQL",
  mongodb: "MongoDB",
  mssql: "SQL Server",
  "remote-access-tool": "remote access tool",
  stratum: "Stratum (mining)",
  tacacs: "TACACS+",
  bgp: "BGP",
  rip: "RIP",
  x11: "X11",
  whois: "WHOIS",
  nfs: "NFS",
  ipmi: "IPMI",
  pptp: "PPTP",
  coap: "CoAP",
  bacnet: "BACnet",
  teamviewer: "TeamViewer",
  "ws-discovery": "WS-Discovery"
};

/** Services that have a name of their own. */
export const knownServices: readonly string[] = Object.keys(serviceNames);

/** How a service is shown; null is *not recognised*. */
export function serviceName(service: string | null): string {
  return service === null ? "not recognised" : (serviceNames[service] ?? visibleText(service));
}

const verdictNames: Readonly<Record<string, string>> = {
  normal: "Normal",
  suspicious: "Suspicious",
  unusual: "Unusual",
  not_judged: "Not judged"
};

/** What Zeek's connection states mean, in a few words. */
export const connectionStates: Readonly<Record<string, string>> = {
  S0: "no answer",
  S1: "open, not closed",
  SF: "opened and closed",
  REJ: "refused",
  S2: "originator closed, no answer",
  S3: "responder closed, no answer",
  RSTO: "reset by originator",
  RSTR: "reset by responder",
  RSTOS0: "reset before an answer",
  RSTRH: "reset by responder, SYN unseen",
  SH: "half open: FIN without answer",
  SHR: "half open: FIN by responder",
  OTH: "in the middle of it"
};

/** A group's name as a reader sees it; texts of strangers come escaped ({@link visibleText}), never as markup. */
export function groupName(dimension: DimensionName, value: Cell): string {
  if (dimension === "service") return serviceName(value as string | null);
  if (dimension === "proto") return protocolName(value as number);
  if (dimension === "verdict") return verdictNames[value as string];
  if (dimension === "label") return value === null ? "No class" : visibleText(className(value as string));
  if (dimension === "score_bin")
    return value === null ? "not scored" : signed(((value as number) * scoreBinWidth).toFixed(2));
  if (dimension === "server_name") return value === null ? "no name seen" : visibleText(value as string);
  if (dimension === "capture") return shortened(String(value), 13);
  if (value === null) return "–";
  return typeof value === "number" ? formatPort(value) : visibleText(value);
}

function formatPort(port: number): string {
  return Number.isInteger(port) ? String(port) : formatCount(port);
}

/** Protocols with ports: TCP, UDP, DCCP, SCTP, UDP-Lite. */
const withPorts: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

/** A flow's port as text behind its address; empty for a protocol that has none. */
export function endpointPort(proto: number, port: number): string {
  return withPorts.has(proto) ? `port ${port}` : "";
}

/** Name and number of a flow's protocol, for ICMP with the type, which stands in `src_port`. */
export function protocolFact(proto: number, srcPort: number): string {
  const type = proto === 1 || proto === 58 ? `, type ${srcPort}` : "";
  return `${protocolName(proto)} (${proto}${type})`;
}

/** A flow's port in a column of ports; of ICMP its type and code, of a protocol without ports nothing. */
export function portText(proto: number, port: number, side: "originator" | "responder"): string {
  if (proto === 1 || proto === 58) return side === "originator" ? `type ${port}` : portName(proto, port);
  return withPorts.has(proto) ? String(port) : "–";
}

/**
 * What stands in `dst_port`: a port, or for ICMP what Zeek puts there: the code, or of what is answered the type of the
 * answer. In ICMPv6 these types are from 128 on, and codes are small.
 */
export function portName(proto: number, port: number): string {
  if (proto === 58 && port >= 128) return `type ${port}`;
  return proto === 1 || proto === 58 ? `code ${port}` : `port ${port}`;
}

/** How a verdict is shown. */
export function verdictName(verdict: string): string {
  return verdictNames[verdict] ?? verdict;
}
