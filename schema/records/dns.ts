import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per DNS query, with its answer where one was captured (DNS, mDNS, LLMNR); of NetBIOS names one per answer. */
export const dns = {
  name: "dns",
  doc: "DNS queries and their answers; answers to questions for NetBIOS names (type NB).",
  columns: [
    ...record,
    {name: "client_ip", type: "VARCHAR", doc: "Address that sent the query."},
    {name: "server_ip", type: "VARCHAR", doc: "Address that the query was sent to."},
    {name: "transaction_id", type: "INTEGER", doc: "Transaction id.", source: "RFC 1035 §4.1.1"},
    {name: "query", type: "VARCHAR", nullable: true, doc: "Queried name; octets outside printable ASCII are written as \\DDD; NULL in a message without a question."},
    {name: "qtype", type: "INTEGER", nullable: true, doc: "Query type number."},
    {name: "qtype_name", type: "VARCHAR", nullable: true, doc: "Query type (A, AAAA, TXT …)."},
    {name: "rcode", type: "INTEGER", nullable: true, doc: "Response code; NULL where no answer was captured."},
    {name: "answers", type: "VARCHAR", nullable: true, doc: "JSON array with the data of each answer record as text; NULL where no answer was captured."},
    {name: "rtt_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Time from query to answer; NULL unless both were captured."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
