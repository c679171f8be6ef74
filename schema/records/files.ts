import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per file or body that crossed the network in clear. Its content is not kept: `flowbook export files` takes it from the packets. */
export const files = {
  name: "files",
  doc: "What crossed by HTTP (bodies of requests and responses), FTP, TFTP and SMTP (attachments, decoded): name, type, size and digests.",
  columns: [
    ...record,
    {name: "protocol", type: "VARCHAR", doc: "What carried it: http, ftp, tftp, smtp."},
    {name: "sent_by", type: "VARCHAR", doc: "originator or responder of the flow."},
    {name: "name", type: "VARCHAR", nullable: true, doc: "Name as the protocol tells it: of Content-Disposition, else the last part of the path; NULL without. Nothing makes it a safe one."},
    {name: "declared_type", type: "VARCHAR", nullable: true, doc: "Type that the sender declares (Content-Type)."},
    {name: "found_type", type: "VARCHAR", nullable: true, doc: "Type by its first bytes, as a media type (application/x-dosexec …); NULL where they tell none."},
    {name: "encoding", type: "VARCHAR", nullable: true, doc: "Content-Encoding (gzip, br …): size, type and digests are of the bytes as they were transferred, before decoding."},
    {name: "size", type: "BIGINT", unit: "bytes", doc: "Bytes seen, without the framing of chunks."},
    {name: "declared_size", type: "BIGINT", unit: "bytes", nullable: true, doc: "Size that the sender declares; NULL where it declares none."},
    {name: "complete", type: "BOOLEAN", nullable: true, doc: "Whether all of it was seen; NULL where the end of the connection is its end, so that nothing tells."},
    {name: "md5", type: "VARCHAR", nullable: true, doc: "MD5 of the bytes; NULL where some were not seen, or they are more than 16 MiB."},
    {name: "sha256", type: "VARCHAR", nullable: true, doc: "SHA-256 of the bytes; NULL as md5."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
