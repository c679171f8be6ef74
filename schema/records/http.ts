import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per HTTP request with its response where one was captured. No password is stored. */
export const http = {
  name: "http",
  doc: "HTTP requests and their responses, HTTP/1 and HTTP/2 in the clear (prior knowledge or h2c; gRPC by its content type). In HTTP/2, a field that refers to one sent in missing packets is NULL (RFC 7541 §2.3.2).",
  columns: [
    ...record,
    {name: "version", type: "VARCHAR", nullable: true, doc: "HTTP version of the request, or of the response where no request was captured: 1.0, 1.1, 2 (1.1 for the request that upgrades to HTTP/2, whose response comes there); NULL where the snapshot length cut it off. The same applies to the other columns."},
    {name: "method", type: "VARCHAR", nullable: true, doc: "Request method; NULL where only the response was captured."},
    {name: "host", type: "VARCHAR", nullable: true, doc: "Host header; in HTTP/2 the :authority field."},
    {name: "uri", type: "VARCHAR", nullable: true, doc: "Request target."},
    {name: "user_agent", type: "VARCHAR", nullable: true, doc: "User-Agent header."},
    {name: "referer", type: "VARCHAR", nullable: true, doc: "Referer header: the page that linked to the target."},
    {name: "forwarded_for", type: "VARCHAR", nullable: true, doc: "X-Forwarded-For header: the client on whose behalf a proxy asks, as stated by the proxy."},
    {name: "user", type: "VARCHAR", nullable: true, doc: "User name in the Authorization (else Proxy-Authorization) header, Basic or Digest; the password is never stored.", source: "RFC 7617 §2, RFC 7616 §3.4"},
    {name: "request_type", type: "VARCHAR", nullable: true, doc: "Content-Type of the request."},
    {name: "request_length", type: "BIGINT", unit: "bytes", nullable: true, doc: "Content-Length of the request; NULL without the header."},
    {name: "expression_header", type: "VARCHAR", nullable: true, doc: "First header line of the request with what a program might evaluate: `${`, `$(`, `() {` or a backtick; NULL without one, and in HTTP/2."},
    {name: "status", type: "INTEGER", nullable: true, doc: "Status code of the final response; NULL where no response was captured, or too little of it."},
    {name: "reason", type: "VARCHAR", nullable: true, doc: "Reason phrase of the response (Not Found …).", source: "RFC 9112 §4"},
    {name: "content_type", type: "VARCHAR", nullable: true, doc: "Content-Type of the response."},
    {name: "content_length", type: "BIGINT", unit: "bytes", nullable: true, doc: "Content-Length of the response; NULL without the header (chunked, or until the connection closes)."},
    {name: "server", type: "VARCHAR", nullable: true, doc: "Server header of the response."},
    {name: "location", type: "VARCHAR", nullable: true, doc: "Location header of the response, as it was sent: where a redirect leads, or what was created; cut at 4,096 bytes.", source: "RFC 9110 §10.2.2"},
    {name: "error", type: "VARCHAR", nullable: true, doc: "Why an HTTP/2 request without response was given up: the error of its stream (RST_STREAM: CANCEL, REFUSED_STREAM …), else that with which the connection ended (GOAWAY); NULL else.", source: "RFC 9113 §7"}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
