import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per HTTP/1 request with its response where one was seen. */
export const http = {
  name: "http",
  doc: "HTTP/1 requests and their responses.",
  columns: [
    ...record,
    {name: "method", type: "VARCHAR", nullable: true, doc: "Request method; NULL where only the response was seen."},
    {name: "host", type: "VARCHAR", nullable: true, doc: "Host header."},
    {name: "uri", type: "VARCHAR", nullable: true, doc: "Request target; NULL where the snapshot length cut it, as for the other columns."},
    {name: "user_agent", type: "VARCHAR", nullable: true, doc: "User-Agent header."},
    {name: "status", type: "INTEGER", nullable: true, doc: "Status code; NULL where no response was seen, or too little of it."},
    {name: "content_type", type: "VARCHAR", nullable: true, doc: "Content-Type of the response."},
    {name: "server", type: "VARCHAR", nullable: true, doc: "Server header of the response."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
