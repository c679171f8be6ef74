import type {Table} from "../column.ts";
import {record} from "./record.ts";

/** One row per SMB request that opens, names or closes something, with its status; reads, writes and queries are left out. */
export const smb = {
  name: "smb",
  doc: "SMB requests that open, name or close something.",
  columns: [
    ...record,
    {name: "version", type: "VARCHAR", doc: "Dialect agreed on (NT LM 0.12, 2.1, 3.1.1 …); 1 or 2 where the negotiation was not seen.", source: "[MS-SMB2] §2.2.4"},
    {name: "command", type: "VARCHAR", doc: "negotiate, session_setup, logoff, tree_connect, tree_disconnect, create; in SMB 1 also open, delete, rename.", source: "[MS-SMB2] §2.2.1.2"},
    {name: "share", type: "VARCHAR", nullable: true, doc: "Path of the share (\\\\server\\share); NULL where none is meant or its connection was not seen."},
    {name: "path", type: "VARCHAR", nullable: true, doc: "File or folder within the share that create opens; the empty text is the share's root."},
    {name: "status", type: "BIGINT", nullable: true, doc: "NTSTATUS of the response (0 success, 0xC0000022 access denied …); NULL where none was seen.", source: "[MS-ERREF] §2.3"}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
