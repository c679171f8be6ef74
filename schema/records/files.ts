import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per file or message body transferred without encryption. The lake does not store the content; `flowbook export files` extracts it
 * from the packets. */
export const files = {
  name: "files",
  doc: "Files transferred by HTTP (request and response bodies), FTP, TFTP, IRC (DCC), SMB (unencrypted reads and writes) and mail (decoded attachments): name, type, size and digests.",
  columns: [
    ...record,
    {name: "protocol", type: "VARCHAR", doc: "Protocol that transferred the file: http, ftp, tftp, dcc, smb, smtp, imap or pop3."},
    {name: "sent_by", type: "VARCHAR", doc: "Sender of the file: originator or responder of the flow."},
    {name: "name", type: "VARCHAR", nullable: true, doc: "File name given by the protocol: from Content-Disposition, else the last part of the path; for SMB that of the path within the share; NULL without one. It is untrusted input: never use it as a path unchecked."},
    {name: "declared_type", type: "VARCHAR", nullable: true, doc: "Media type that the sender declares (Content-Type); NULL without one."},
    {name: "found_type", type: "VARCHAR", nullable: true, doc: "Media type detected from the first bytes (application/x-dosexec …); NULL where they match no known type."},
    {
      name: "attack_sign",
      type: "VARCHAR",
      nullable: true,
      doc: "What the first 960 bytes of a body of HTTP suggest of an attack; NULL without. Of a request: sql, command, log4j, ognl, exploit, webshell, shellshock, deserialization, xxe or traversal (the words are in `capture/core/dissect/parsers/files/attack-sign.ts`); profile (names of a host, its user and its system) or sealed (a text in Base64 and hardly more; both in `report-sign.ts`). Of a response (`answer-sign.ts`): output (what a command or a file of secrets gives), script (one that runs programs unseen), program (one of Windows in Base64 or under an XOR key), archive (its first entry is a script). Of either: cipher (bytes that look encrypted: neither text nor of a known format; `cipher-sign.ts`). A text about attacks may hold such a word, too."
    },
    {name: "encoding", type: "VARCHAR", nullable: true, doc: "Content-Encoding (gzip, br …); NULL without one. Size, found_type and digests refer to the bytes as transferred, before decoding."},
    {name: "size", type: "BIGINT", unit: "bytes", doc: "Bytes captured, without chunk framing."},
    {name: "declared_size", type: "BIGINT", unit: "bytes", nullable: true, doc: "Size that the sender declares; NULL where it declares none."},
    {name: "complete", type: "BOOLEAN", nullable: true, doc: "True if every byte was captured; NULL where only the end of the connection ends the file, so that completeness is unknown. For SMB, false also where a part was not read, or was written over."},
    {name: "md5", type: "VARCHAR", nullable: true, doc: "MD5 of the bytes; NULL where bytes are missing or the file is larger than 16 MiB."},
    {name: "sha256", type: "VARCHAR", nullable: true, doc: "SHA-256 of the bytes; NULL where md5 is NULL."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
