import type {RecordRow} from "../capture/dissect/conversation.ts";
import type {Comparison} from "./agreement.ts";

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

export const comparisons: readonly Comparison[] = [...dcerpc, ...ntlm, ...smb];
