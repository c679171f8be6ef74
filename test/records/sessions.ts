import type {RecordRow} from "../capture/dissect/conversation.ts";
import type {Comparison} from "./agreement.ts";

const text = (value: RecordRow[string] | undefined) => (value === null || value === undefined ? [] : [String(value)]);
const split = (value: RecordRow[string] | undefined) => text(value).flatMap((list) => list.split(","));

const dnsFilter = "(dns || mdns || llmnr) && !nbns && !icmp && !icmpv6";
const isAnswered = (row: RecordRow) => row.rcode !== null;
const isAsked = (row: RecordRow) => row.rcode === null || row.rtt_us !== null;
/** A name's octets as they are, which tshark shows as UTF-8. */
const unescaped = (name: string) =>
  Buffer.from(
    name.replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number(code))),
    "latin1"
  ).toString();
/** tshark's names of messages (RFC 2132 §9.6). */
const dhcpTypes = ["", "discover", "offer", "request", "decline", "ack", "nak", "release", "inform"];
/** Those of DHCPv6 (RFC 8415 §7.3). */
const dhcpv6Types = [
  "",
  "solicit",
  "advertise",
  "request",
  "confirm",
  "renew",
  "rebind",
  "reply",
  "release",
  "decline",
  "reconfigure",
  "information"
];
const isOverIpv6 = ({client_duid, message}: RecordRow) =>
  client_duid !== null ||
  ["solicit", "advertise", "confirm", "renew", "rebind", "reply", "reconfigure", "information"].includes(
    String(message)
  );
const isAddress = (address: string) => address !== "0.0.0.0";
/** Lines of one reply of several have its code each; a greeting and the list of 211 are no answers. */
const isReply = (code: string) => Number(code) >= 200 && code !== "220" && code !== "211";

/** Records of DNS, DHCP, SSH, FTP, TFTP and SMTP beside tshark's fields. */
export const sessions: readonly Comparison[] = [
  {
    table: "dns",
    field: "query",
    filter: `${dnsFilter} && dns.flags.response == 0`,
    fields: ["dns.qry.name", "dns.id"],
    theirs: ([names]) => names.slice(0, 1).map((name) => (name === "<Root>" ? "." : name)),
    ours: (row) => (isAsked(row) ? text(row.query).map(unescaped) : [])
  },
  {
    table: "dns",
    field: "qtype",
    filter: `${dnsFilter} && dns.flags.response == 0`,
    fields: ["dns.qry.type"],
    theirs: ([types]) => types.slice(0, 1),
    ours: (row) => (isAsked(row) ? text(row.qtype) : [])
  },
  {
    table: "dns",
    field: "rcode",
    filter: `${dnsFilter} && dns.flags.response == 1`,
    fields: ["dns.flags.rcode"],
    theirs: ([codes]) => codes.map((code) => String(Number(code))),
    ours: (row) => (isAnswered(row) ? text(row.rcode) : [])
  },
  {
    table: "dhcp",
    field: "message",
    filter: "dhcp && !icmp",
    fields: ["dhcp.option.dhcp"],
    theirs: ([types]) => types.slice(0, 1).map((type) => dhcpTypes[Number(type)] ?? type),
    ours: (row) => (row.message === "bootp" || isOverIpv6(row) ? [] : text(row.message))
  },
  {
    table: "dhcp",
    field: "assigned",
    filter: "dhcp && !icmp",
    fields: ["dhcp.ip.your"],
    theirs: ([addresses]) => addresses.filter(isAddress),
    ours: (row) => (isOverIpv6(row) ? [] : text(row.assigned))
  },
  {
    table: "dhcp",
    field: "host_name",
    filter: "dhcp && !icmp",
    fields: ["dhcp.option.hostname", "dhcp.fqdn.name"],
    theirs: ([names, full]) => [...names, ...full].slice(0, 1),
    ours: (row) => (isOverIpv6(row) ? [] : text(row.host_name))
  },
  {
    table: "dhcp",
    field: "vendor_class",
    filter: "dhcp && !icmp",
    fields: ["dhcp.option.vendor_class_id"],
    theirs: ([names]) => names,
    ours: (row) => (isOverIpv6(row) ? [] : text(row.vendor_class))
  },
  {
    table: "dhcp",
    field: "message over IPv6",
    filter: "dhcpv6 && !icmpv6",
    fields: ["dhcpv6.msgtype"],
    theirs: ([types]) => types.slice(-1).flatMap((type) => dhcpv6Types[Number(type)] ?? []),
    ours: (row) => (isOverIpv6(row) ? text(row.message) : [])
  },
  {
    table: "dhcp",
    field: "assigned over IPv6",
    filter: "dhcpv6.msgtype in {2,7} && !icmpv6",
    fields: ["dhcpv6.iaaddr.ip"],
    theirs: ([addresses]) => addresses.slice(0, 1),
    ours: (row) => (isOverIpv6(row) ? text(row.assigned) : [])
  },
  {
    table: "dhcp",
    field: "host_name over IPv6",
    filter: "dhcpv6 && !icmpv6",
    fields: ["dhcpv6.client_domain", "dhcpv6.tld"],
    theirs: ([names, top]) => [...names, ...top].slice(0, 1).map((name) => name.replace(/\.$/, "")),
    ours: (row) => (isOverIpv6(row) ? text(row.host_name) : [])
  },
  {
    table: "ssh",
    field: "hassh",
    filter: "ssh.message_code == 20",
    fields: ["ssh.kex.hassh"],
    theirs: ([prints]) => prints,
    ours: (row) => text(row.hassh)
  },
  {
    table: "ssh",
    field: "hassh_server",
    filter: "ssh.message_code == 20",
    fields: ["ssh.kex.hasshserver"],
    theirs: ([prints]) => prints,
    ours: (row) => text(row.hassh_server)
  },
  {
    table: "ssh",
    field: "banners",
    filter: "ssh.protocol",
    fields: ["ssh.protocol"],
    theirs: ([banners]) => banners,
    ours: (row) => [...text(row.client_banner), ...text(row.server_banner)]
  },
  {
    table: "ftp",
    field: "command",
    filter: "ftp.request.command",
    fields: ["ftp.request.command"],
    theirs: ([commands]) => commands.map((command) => command.toUpperCase()),
    ours: (row) => text(row.command)
  },
  {
    table: "ftp",
    field: "reply_code",
    filter: "ftp.response.code >= 200",
    fields: ["ftp.response.code"],
    theirs: ([codes]) => [...new Set(codes)].filter(isReply),
    ours: (row) => text(row.reply_code).filter(isReply)
  },
  {
    table: "mail",
    field: "sender (smtp)",
    filter: 'smtp.req.command matches "^mail"',
    fields: ["smtp.req.parameter"],
    theirs: ([parameters]) => parameters.flatMap((text) => /from:\s*<?([^> ]*)/i.exec(text)?.slice(1) ?? []),
    ours: (row) => (row.protocol === "smtp" ? text(row.sender) : [])
  },
  {
    table: "mail",
    field: "recipients (smtp)",
    filter: 'smtp.req.command matches "^rcpt"',
    fields: ["smtp.req.parameter"],
    theirs: ([parameters]) => parameters.flatMap((text) => /to:\s*<?([^> ]*)/i.exec(text)?.slice(1) ?? []),
    ours: (row) => (row.protocol === "smtp" ? split(row.recipients) : [])
  },
  {
    table: "mail",
    field: "subject (smtp)",
    filter: "imf.subject && smtp",
    fields: ["imf.subject"],
    theirs: ([subjects]) => subjects.slice(0, 1),
    ours: (row) => (row.protocol === "smtp" ? text(row.subject) : [])
  },
  {
    table: "mail",
    field: "message_id (smtp)",
    filter: "imf.message_id && smtp",
    fields: ["imf.message_id"],
    theirs: ([ids]) => ids.slice(0, 1),
    ours: (row) => (row.protocol === "smtp" ? text(row.message_id) : [])
  }
];
