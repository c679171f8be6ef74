import type {RecordRow} from "../capture/dissect/conversation.ts";
import type {Comparison} from "./agreement.ts";

const text = (value: RecordRow[string] | undefined) => (value === null || value === undefined ? [] : [String(value)]);
const split = (value: RecordRow[string] | undefined) => text(value).flatMap((list) => list.split(","));
const sum = (n: RecordRow[string] | undefined) => Array<string>(Number(n)).fill("1");

/** Records of SIP, RADIUS, SNMP, MQTT and RDP beside tshark's fields. */
export const applications: readonly Comparison[] = [
  {
    table: "sip",
    field: "method",
    filter: "sip.Method && sip.resend == 0",
    fields: ["sip.Method"],
    theirs: ([methods]) => methods.slice(0, 1),
    ours: (row) => text(row.method)
  },
  {
    table: "sip",
    field: "caller",
    filter: "sip.Method && sip.resend == 0",
    fields: ["sip.from.addr"],
    theirs: ([addresses]) => addresses.slice(0, 1),
    ours: (row) => (row.method === null ? [] : text(row.caller))
  },
  {
    table: "sip",
    field: "status",
    filter: "sip.Status-Code >= 200 && sip.resend == 0",
    fields: ["sip.Status-Code"],
    theirs: ([codes]) => codes.slice(0, 1),
    ours: (row) => text(row.status)
  },
  {
    table: "radius",
    field: "user",
    // Requests that are sent again are one row.
    filter: "radius.code in {1,4,12,40,43} && !radius.dup",
    fields: ["radius.User_Name"],
    theirs: ([users]) => users.slice(0, 1),
    ours: (row) => text(row.user)
  },
  {
    table: "snmp",
    field: "responses",
    filter: "snmp.data == 2",
    fields: ["snmp.data"],
    theirs: () => ["1"],
    ours: (row) => sum(row.responses)
  },
  {
    table: "mqtt",
    field: "client_id",
    filter: "mqtt.clientid",
    fields: ["mqtt.clientid"],
    theirs: ([clients]) => clients,
    ours: (row) => text(row.client_id).filter((client) => client !== "")
  },
  {
    table: "mqtt",
    field: "messages",
    filter: "mqtt.msgtype == 3",
    fields: ["mqtt.msgtype"],
    theirs: ([types]) => types.filter((type) => type === "3"),
    ours: (row) => sum(row.messages).map(() => "3")
  },
  {
    table: "mqtt",
    field: "subscribed",
    filter: "mqtt.msgtype == 8",
    fields: ["mqtt.topic"],
    theirs: ([topics]) => topics,
    ours: (row) => split(row.subscribed)
  },
  {
    table: "rdp",
    field: "cookie",
    filter: "rdp.rt_cookie",
    fields: ["rdp.rt_cookie"],
    theirs: ([cookies]) => cookies.map((cookie) => cookie.replace(/^Cookie: /, "")),
    ours: (row) => text(row.cookie)
  }
];
