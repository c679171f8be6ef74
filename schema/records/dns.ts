import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per DNS query with its answer where one was seen (DNS, mDNS, LLMNR). */
export const dns = {
  name: "dns",
  doc: "DNS queries and their answers.",
  columns: [
    ...record,
    {name: "client_ip", type: "VARCHAR", doc: "Who asked."},
    {name: "server_ip", type: "VARCHAR", doc: "Who was asked."},
    {name: "transaction_id", type: "INTEGER", doc: "DNS id.", source: "RFC 1035 §4.1.1"},
    {name: "query", type: "VARCHAR", nullable: true, doc: "Name asked for, unescaped octets outside printable ASCII as \\DDD; NULL in a message without a question."},
    {name: "qtype", type: "INTEGER", nullable: true, doc: "Query type number."},
    {name: "qtype_name", type: "VARCHAR", nullable: true, doc: "Query type (A, AAAA, TXT …)."},
    {name: "rcode", type: "INTEGER", nullable: true, doc: "Response code; NULL where no answer was seen."},
    {name: "answers", type: "VARCHAR", nullable: true, doc: "JSON array of the answer records' data as text; NULL where no answer was seen."},
    {name: "rtt_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Answer minus query time; NULL where either was not seen."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
