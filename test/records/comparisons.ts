import type {RecordRow} from "../capture/dissect/conversation.ts";
import type {Comparison} from "./agreement.ts";
import {applications} from "./applications.ts";
import {databases} from "./databases.ts";
import {http2} from "./http2.ts";
import {industrial} from "./industrial.ts";
import {logins} from "./logins.ts";
import {mailboxes} from "./mailboxes.ts";
import {neighbours} from "./neighbours.ts";
import {sessions} from "./sessions.ts";
import {web} from "./web.ts";

const text = (value: RecordRow[string] | undefined) => (value === null || value === undefined ? [] : [String(value)]);
const times = (n: RecordRow[string], value: RecordRow[string] | undefined) =>
  text(value).flatMap((one) => Array<string>(Number(n)).fill(one));

/** Places of PDUs of a type in a packet, of all that have the field. */
const ofType = (types: readonly string[], values: readonly string[], type: string, has: readonly string[]) => {
  const places = types.filter((its) => has.includes(its));
  return values.filter((_, i) => places[i] === type);
};

const dcerpc: Comparison[] = [
  {
    table: "dcerpc",
    field: "opnum",
    filter: "dcerpc.pkt_type == 0",
    fields: ["dcerpc.pkt_type", "dcerpc.cn_flags.first_frag", "dcerpc.opnum"],
    theirs: ([types, first, opnums]) => {
      const requests = ofType(types, first, "0", types);
      return opnums.filter((_, i) => requests[i] === "1" || requests[i] === "True");
    },
    ours: (row) => (row.message === "request" ? times(row.calls, row.opnum) : [])
  },
  {
    table: "dcerpc",
    field: "interface_uuid",
    filter: "dcerpc.pkt_type == 11 || dcerpc.pkt_type == 14",
    fields: ["dcerpc.cn_bind_to_uuid"],
    theirs: ([uuids]) => [...new Set(uuids)],
    ours: (row) => (row.message !== "request" ? text(row.interface_uuid) : [])
  },
  {
    table: "dcerpc",
    field: "status",
    filter: "dcerpc.pkt_type == 3",
    fields: ["dcerpc.cn_status"],
    theirs: ([statuses]) => statuses.map((status) => String(Number(status))),
    ours: (row) => (row.message === "request" && row.status !== 0 ? times(row.calls, row.status) : [])
  },
  {
    table: "dcerpc",
    field: "mapped_port",
    filter: "epm.opnum == 3 && dcerpc.pkt_type == 2",
    fields: ["epm.proto.tcp_port"],
    theirs: ([ports]) => ports.filter((port) => port !== "0").slice(0, 1),
    ours: (row) => text(row.mapped_port)
  },
  {
    table: "dcerpc",
    field: "auth_level",
    filter: "dcerpc.pkt_type == 11",
    fields: ["dcerpc.auth_level"],
    theirs: ([levels]) =>
      levels.slice(0, 1).map((level) => ["", "", "connect", "call", "packet", "integrity", "privacy"][Number(level)]),
    ours: (row) => (row.message === "bind" ? text(row.auth_level) : [])
  }
];

const named = (values: readonly string[]) => values.filter((value) => value !== "NULL" && value !== "");
const authenticated = "ntlmssp.messagetype == 3";
const ntlm: Comparison[] = (
  [
    ["user", "ntlmssp.auth.username"],
    ["domain", "ntlmssp.auth.domain"],
    ["host", "ntlmssp.auth.hostname"]
  ] as const
).map(([field, theirs]) => ({
  table: "ntlm",
  field,
  filter: authenticated,
  fields: [theirs],
  theirs: ([values]) => named(values).slice(0, 1),
  ours: (row) => text(row[field])
}));

const smb: Comparison[] = [
  {
    table: "smb",
    field: "path",
    filter: "smb2.cmd == 5 && smb2.flags.response == 0",
    fields: ["smb2.cmd", "smb2.filename"],
    theirs: ([, names]) => names.slice(0, 1),
    ours: (row) =>
      row.command === "create" && row.version !== "NT LM 0.12" && row.version !== "1" && row.path !== ""
        ? text(row.path)
        : []
  },
  {
    table: "smb",
    field: "share",
    filter: "smb2.cmd == 3 && smb2.flags.response == 0",
    fields: ["smb2.tree"],
    theirs: ([shares]) => shares,
    ours: (row) =>
      row.command === "tree_connect" && row.version !== "NT LM 0.12" && row.version !== "1" ? text(row.share) : []
  }
];

/** tshark's numbers of messages (RFC 4120 §7.5.7). */
const messages = {AS: "10", TGS: "12"} as const;
const kerberosTable = (
  field: string,
  filter: string,
  fields: readonly string[],
  theirs: Comparison["theirs"],
  ours: Comparison["ours"] = (row) => text(row[field])
): Comparison => ({
  table: "kerberos",
  field,
  filter: `(${filter}) && !smb && !smb2 && !ldap && !dcerpc && !http`,
  fields,
  theirs,
  ours
});

const kerberos: Comparison[] = [
  kerberosTable(
    "request_type",
    "kerberos.msg_type == 10 || kerberos.msg_type == 12",
    ["kerberos.msg_type"],
    ([types]) => types.slice(0, 1),
    (row) => (row.is_forwardable === null ? [] : text(messages[row.request_type as keyof typeof messages]))
  ),
  kerberosTable(
    "service",
    "kerberos.msg_type == 10 || kerberos.msg_type == 12",
    ["kerberos.SNameString", "kerberos.msg_type"],
    ([parts, types]) => (types[0] === "10" ? [parts.join("/")] : []).filter((name) => name !== ""),
    (row) => (row.request_type === "AS" && row.is_forwardable !== null ? text(row.service) : [])
  ),
  kerberosTable(
    "client",
    "kerberos.msg_type == 10",
    ["kerberos.CNameString"],
    ([parts]) => [parts.join("/")].filter((name) => name !== ""),
    (row) => (row.request_type === "AS" && row.is_forwardable !== null ? text(row.client) : [])
  ),
  kerberosTable(
    "realm",
    "kerberos.msg_type == 10",
    ["kerberos.realm"],
    ([realms]) => realms.slice(0, 1),
    (row) => (row.request_type === "AS" && row.is_forwardable !== null ? text(row.realm) : [])
  ),
  kerberosTable(
    "error",
    "kerberos.msg_type == 30",
    ["kerberos.error_code"],
    ([codes]) => codes.slice(0, 1),
    (row) => (row.error !== 0 ? text(row.error) : [])
  ),
  kerberosTable(
    "cipher",
    "kerberos.msg_type == 11 || kerberos.msg_type == 13",
    ["kerberos.etype"],
    ([types]) => types.slice(-2, -1).map((type) => ciphers[type] ?? type),
    (row) => text(row.cipher)
  ),
  kerberosTable(
    "reply_cipher",
    "kerberos.msg_type == 11 || kerberos.msg_type == 13",
    ["kerberos.etype"],
    ([types]) => types.slice(-1).map((type) => ciphers[type] ?? type),
    (row) => text(row.reply_cipher)
  )
];

const ciphers: Readonly<Record<string, string>> = {
  1: "des-cbc-crc",
  3: "des-cbc-md5",
  16: "des3-cbc-sha1",
  17: "aes128-cts-hmac-sha1-96",
  18: "aes256-cts-hmac-sha1-96",
  23: "rc4-hmac"
};

/** tshark's numbers of operations are those of RFC 4511's tags. */
const operations = [
  "bind",
  "",
  "unbind",
  "search",
  "",
  "",
  "modify",
  "",
  "add",
  "",
  "delete",
  "",
  "rename",
  "",
  "compare"
];
const named16: Readonly<Record<string, string>> = {16: "abandon", 23: "extended"};
const operationOf = (tag: string) => operations[Number(tag)] || named16[tag] || "";

const ldap: Comparison[] = [
  {
    table: "ldap",
    field: "operation",
    filter: "ldap.protocolOp",
    fields: ["ldap.protocolOp"],
    theirs: ([tags]) => tags.map(operationOf).filter((name) => name !== ""),
    // A result alone has a row, too.
    ours: (row) => (row.result !== null && row.rtt_us === null ? [] : text(row.operation))
  },
  {
    table: "ldap",
    field: "user",
    filter: "ldap.protocolOp == 0",
    fields: ["ldap.name"],
    theirs: ([names]) => names.filter((name) => name !== "" && name !== "<ROOT>"),
    ours: (row) => (row.user === "" ? [] : text(row.user))
  },
  {
    table: "ldap",
    field: "base",
    filter: "ldap.protocolOp == 3",
    fields: ["ldap.baseObject"],
    theirs: ([names]) => names.filter((name) => name !== "" && name !== "<ROOT>"),
    ours: (row) => (row.operation === "search" && row.base !== "" ? text(row.base) : [])
  },
  {
    table: "ldap",
    field: "result",
    filter: "ldap.resultCode",
    fields: ["ldap.resultCode"],
    theirs: ([codes]) => codes,
    ours: (row) => text(row.result)
  },
  {
    table: "ldap",
    field: "entries",
    filter: "ldap.protocolOp == 4",
    fields: ["ldap.protocolOp"],
    theirs: ([tags]) => tags.filter((tag) => tag === "4"),
    ours: (row) => times(row.entries, "4")
  }
];

export const comparisons: readonly Comparison[] = [
  ...dcerpc,
  ...ntlm,
  ...smb,
  ...kerberos,
  ...ldap,
  ...industrial,
  ...applications,
  ...databases,
  ...mailboxes,
  ...http2,
  ...web,
  ...sessions,
  ...neighbours,
  ...logins
];
