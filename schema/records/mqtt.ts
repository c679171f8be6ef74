import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per MQTT connection. Passwords and contents are not stored. */
export const mqtt = {
  name: "mqtt",
  doc: "MQTT connections: client, user and topics; without passwords and contents.",
  columns: [
    ...record,
    {name: "client_id", type: "VARCHAR", nullable: true, doc: "Client identifier.", source: "MQTT 5.0 §3.1.3.1"},
    {name: "user", type: "VARCHAR", nullable: true, doc: "User name; NULL without one."},
    {name: "version", type: "VARCHAR", nullable: true, doc: "3.1, 3.1.1 or 5.0."},
    {name: "return_code", type: "INTEGER", nullable: true, doc: "Code of the answer to the connection: 0 accepted; NULL where none was captured.", source: "MQTT 3.1.1 §3.2.2.3"},
    {name: "published", type: "VARCHAR", nullable: true, doc: "Topics of messages in either direction, comma-separated, each once, cut at 1,024 bytes."},
    {name: "subscribed", type: "VARCHAR", nullable: true, doc: "Topic filters that the client subscribes to, comma-separated, cut at 1,024 bytes."},
    {name: "messages", type: "BIGINT", doc: "Number of PUBLISH packets."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
