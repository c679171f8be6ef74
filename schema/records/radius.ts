import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per RADIUS request with its answer. Passwords are not stored. */
export const radius = {
  name: "radius",
  doc: "RADIUS requests and their answers; without passwords.",
  columns: [
    ...record,
    {name: "request", type: "VARCHAR", nullable: true, doc: "access, accounting, status, disconnect or coa; NULL where only the answer was captured.", source: "RFC 2865 §4, RFC 2866, RFC 5176"},
    {name: "user", type: "VARCHAR", nullable: true, doc: "User-Name attribute.", source: "RFC 2865 §5.1"},
    {name: "nas", type: "VARCHAR", nullable: true, doc: "Who asks for the user: NAS-Identifier attribute, else NAS-IP-Address."},
    {name: "station", type: "VARCHAR", nullable: true, doc: "Calling-Station-Id attribute: the MAC address or number that the user comes from."},
    {name: "answer", type: "VARCHAR", nullable: true, doc: "accept, reject, challenge, response, ack or nak; NULL where none was captured."},
    {name: "rtt_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Time from the request to its answer; NULL without one."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
