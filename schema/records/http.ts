import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per HTTP request with its response where one was seen. No password is kept. */
export const http = {
  name: "http",
  doc: "HTTP requests and their responses.",
  columns: [
    ...record,
    {name: "version", type: "VARCHAR", nullable: true, doc: "Version of the request, without one that of the response: 1.0, 1.1, 2; NULL where the snapshot length cut it, as for the other columns."},
    {name: "method", type: "VARCHAR", nullable: true, doc: "Request method; NULL where only the response was seen."},
    {name: "host", type: "VARCHAR", nullable: true, doc: "Host header; in HTTP/2 the authority."},
    {name: "uri", type: "VARCHAR", nullable: true, doc: "Request target."},
    {name: "user_agent", type: "VARCHAR", nullable: true, doc: "User-Agent header."},
    {name: "referer", type: "VARCHAR", nullable: true, doc: "Referer header: the page that led there."},
    {name: "forwarded_for", type: "VARCHAR", nullable: true, doc: "X-Forwarded-For header: whom a proxy asks for, as it says."},
    {name: "user", type: "VARCHAR", nullable: true, doc: "Name that Authorization (else Proxy-Authorization) tells in Basic or Digest; the password is never kept.", source: "RFC 7617 §2, RFC 7616 §3.4"},
    {name: "request_type", type: "VARCHAR", nullable: true, doc: "Content-Type of the request."},
    {name: "request_length", type: "BIGINT", unit: "bytes", nullable: true, doc: "Content-Length of the request; NULL where it says none."},
    {name: "status", type: "INTEGER", nullable: true, doc: "Status code of the final response; NULL where no response was seen, or too little of it."},
    {name: "reason", type: "VARCHAR", nullable: true, doc: "Reason phrase of the response (Not Found …).", source: "RFC 9112 §4"},
    {name: "content_type", type: "VARCHAR", nullable: true, doc: "Content-Type of the response."},
    {name: "content_length", type: "BIGINT", unit: "bytes", nullable: true, doc: "Content-Length of the response; NULL where it says none (chunked, until the end)."},
    {name: "server", type: "VARCHAR", nullable: true, doc: "Server header of the response."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
