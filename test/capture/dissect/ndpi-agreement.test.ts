import {basename} from "node:path";
import {expect, it} from "vitest";
import {describeUnless} from "../../needs.ts";
import {noSharedData, sharedCaptures} from "../../shared-data.ts";
import {dissectCapture} from "./metered.ts";
import {endsOf, type NdpiVerdict, ndpiVerdicts} from "./ndpi-truth.ts";

/** nDPI's names of protocols that this recognises too, and what it calls them. */
const ours: Readonly<Record<string, string>> = {
  AJP: "ajp",
  AliCloud: "alicloud",
  ANSI_C1222: "c1222",
  ATG: "atg",
  AVASTSecureDNS: "dns",
  BACnet: "bacnet",
  BeckhoffADS: "ads",
  BFCP: "bfcp",
  BGP: "bgp",
  BITCOIN: "bitcoin",
  BitTorrent: "bittorrent",
  Cassandra: "cassandra",
  CHECKMK: "check-mk",
  CiscoSkinny: "skinny",
  Citrix: "citrix",
  "CNP-IP": "cnp-ip",
  COAP: "coap",
  collectd: "collectd",
  Corba: "corba",
  DHCP: "dhcp",
  DHCPV6: "dhcpv6",
  Diameter: "diameter",
  DNP3: "dnp3",
  DNS: "dns",
  DNScrypt: "dnscrypt",
  DRDA: "drda",
  Dropbox: "dropbox",
  DTLS: "dtls",
  Elasticsearch: "elasticsearch",
  "Ether-S-Bus": "ether-s-bus",
  ETHEREUM: "ethereum",
  "EtherNet/IP": "enip",
  EthernetGlobalData: "egd",
  FastCGI: "fastcgi",
  FIX: "fix",
  FLUTE: "flute",
  FTP_CONTROL: "ftp",
  Git: "git",
  GTP: "gtp",
  H323: "h323",
  Heroes_of_the_Storm: "online-game",
  HL7: "hl7",
  HSRP: "hsrp",
  HTTP: "http",
  HTTP_Connect: "http",
  HTTP_Proxy: "http",
  IEC60870: "iec104",
  IEC62056: "dlms",
  "IEEE-C37118": "c37118",
  IMAP: "imap",
  IMAPS: "tls",
  IPSec: "ike",
  IRC: "irc",
  Jabber: "xmpp",
  JRMI: "java-rmi",
  "JSON-RPC": "json-rpc",
  Kafka: "kafka",
  Kerberos: "kerberos",
  KNXnet_IP: "knxnet-ip",
  LDAP: "ldap",
  LDP: "ldp",
  LLMNR: "llmnr",
  MDNS: "mdns",
  Memcached: "memcached",
  MGCP: "mgcp",
  Modbus: "modbus",
  MongoDB: "mongodb",
  MPEG_TS: "mpeg-ts",
  MQTT: "mqtt",
  "MsSQL-TDS": "mssql",
  Mumble: "mumble",
  Munin: "munin",
  MySQL: "mysql",
  "NAT-PMP": "nat-pmp",
  NATS: "nats",
  NetBIOS: "netbios",
  NetFlow: "netflow",
  NFS: "nfs",
  Nintendo: "nintendo",
  NoMachine: "nomachine",
  NTP: "ntp",
  OMRON_FINS: "fins",
  Ookla: "speedtest",
  "OPC-UA": "opcua",
  PathofExile: "online-game",
  OpenVPN: "openvpn",
  Oracle: "oracle",
  PFCP: "pfcp",
  POP3: "pop3",
  POPS: "tls",
  PostgreSQL: "postgresql",
  PPTP: "pptp",
  PTPv2: "ptp",
  QUIC: "quic",
  Radius: "radius",
  RakNet: "raknet",
  RDP: "rdp",
  RiotGames: "online-game",
  RipeAtlas: "ripe-atlas",
  Roughtime: "roughtime",
  RSH: "rsh",
  RSYNC: "rsync",
  RTCP: "rtcp",
  RTMP: "rtmp",
  RTP: "rtp",
  RTPS: "rtps",
  RTSP: "rtsp",
  SERVICE_LOCATION: "slp",
  sFlow: "sflow",
  SIP: "sip",
  SMBv1: "smb",
  SMBv23: "smb",
  SMTP: "smtp",
  SMTPS: "tls",
  SNMP: "snmp",
  SOCKS: "socks",
  Softether: "softether",
  SOMEIP: "some-ip",
  Spotify: "spotify",
  SRTP: "rtp",
  SSDP: "ssdp",
  SSH: "ssh",
  Starcraft: "online-game",
  Steam: "steam",
  STUN: "stun",
  Syslog: "syslog",
  TACACS: "tacacs",
  Tailscale: "tailscale",
  TeamSpeak: "teamspeak",
  TeamViewer: "teamviewer",
  Telegram: "telegram",
  Telnet: "telnet",
  TFTP: "tftp",
  TencentGames: "online-game",
  TES_Online: "online-game",
  Thrift: "thrift",
  TLS: "tls",
  TPLINK_SHP: "tplink-shp",
  TuyaLP: "tuya",
  UFTP: "uftp",
  Usenet: "nntp",
  VNC: "vnc",
  "Whois-DAS": "whois",
  WhatsApp: "whatsapp",
  WireGuard: "wireguard",
  WSD: "ws-discovery",
  XDMCP: "xdmcp",
  Yojimbo: "netcode",
  Zabbix: "zabbix",
  Zoom: "zoom",
  ZUG: "zug"
};

/** Names that say the same of a flow; nDPI gives it the last protocol it meets, this the first. */
const alike: Readonly<Record<string, readonly string[]>> = {
  // CoAP between ports that Dropbox announces itself on.
  Dropbox: ["coap"],
  // DNSCrypt's certificates are asked for by DNS.
  DNScrypt: ["dns"],
  // A call over WebRTC begins with STUN.
  DTLS: ["stun"],
  // The programs of ONC RPC that NFS needs.
  NFS: ["rpcbind"],
  // Telegram's calls are RTP behind its own envelope.
  RTP: ["telegram"],
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
  "collectd.pcap": "lengths of parts that lead nowhere",
  "dnscrypt-v1-and-resolver-pings.pcap": "a query alone, which begins with a key that each resolver chooses",
  "nomachine.pcapng": "media of a session that a TCP connection opened",
  "openvpn_obfuscated.pcapng": "OpenVPN in segments of nine bytes to port 443, which nDPI takes for TLS by the port",
  "Oscar.pcap": "a session of AIM to port 443, which nDPI takes for TLS by the port",
  "ookla.pcap": "a measurement of which only random bytes were captured",
  "portable_executable.pcap": "a program that a shell over TCP sends bare, its second connection to port 53",
  "roblox.pcapng": "connections met behind their first messages",
  "teams.pcap": "a call from peer to peer that nDPI takes for Telegram's",
  "teamspeak3.pcap": "an older client's session of which nothing is fixed",
  "telegram.pcap": "calls from peer to peer, encrypted whole",
  "telegram_videocall.pcapng": "obfuscated connections to servers that nDPI knows by address",
  "bittorrent_tcp_miss.pcapng":
    "encrypted and without its beginning; nDPI knows the port's number of BitTorrent's clients",
  "bittorrent_utp.pcap": "uTP alone, whose header of 20 bytes has nothing fixed",
  "coap_mqtt.pcap": "connections met behind their CONNECT",
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
    expect(known.length).toBeGreaterThan(1850);
    expect(known.filter(isSame).length / known.length).toBeGreaterThan(0.99);
    for (const transport of ["TCP", "UDP"]) {
      const own = known.filter(({verdict}) => verdict.transport === transport);
      expect(own.filter(isSame).length / own.length).toBeGreaterThan(0.95);
    }
    const unexplained = known.filter((flow) => !isSame(flow) && !(flow.file in explained));
    expect(unexplained.map(({file, verdict, service}) => `${file}: ${verdict.stack} is ${service}`)).toEqual([]);
    // What nDPI guesses by a port is not contradicted by content, but where that is explained.
    expect(guessed.filter((flow) => flow.service !== null && !isSame(flow) && !(flow.file in explained))).toEqual([]);
  }, 240_000);
});
