import type {Table} from "../column.ts";
import {record} from "./record.ts";

/**
 * One row per SMB request that opens, names, deletes, renames or closes something, with its status; what is read of and
 * written to an open file is summed in one row each, when it is closed.
 */
export const smb = {
  name: "smb",
  doc: "SMB requests that open, name, delete, rename or close something, and what was read and written in between.",
  columns: [
    ...record,
    {name: "version", type: "VARCHAR", doc: "Dialect agreed on (NT LM 0.12, 2.1, 3.1.1 …); 1 or 2 where the negotiation was not seen.", source: "[MS-SMB2] §2.2.4"},
    {name: "command", type: "VARCHAR", doc: "negotiate, session_setup, logoff, tree_connect, tree_disconnect, create, read, write, delete, rename; in SMB 1 also open.", source: "[MS-SMB2] §2.2.1.2"},
    {name: "share", type: "VARCHAR", nullable: true, doc: "Path of the share (\\\\server\\share); NULL where none is meant or its connection was not seen."},
    {name: "path", type: "VARCHAR", nullable: true, doc: "File or folder within the share; the empty text is the share's root; NULL where none is meant or its opening was not seen."},
    {name: "status", type: "BIGINT", nullable: true, doc: "NTSTATUS of the response (0 success, 0xC0000022 access denied …), of reads and writes the last one that is no success; NULL where none was seen.", source: "[MS-ERREF] §2.3"},
    {name: "user", type: "VARCHAR", nullable: true, doc: "User of the session (DOMAIN\\user), from its NTLM authentication; NULL of Kerberos, of anonymous sessions and where the authentication was not seen."},
    {name: "action", type: "VARCHAR", nullable: true, doc: "What was done to a file: open, create, overwrite, supersede, read, write, delete, rename; NULL of other commands and of what was refused."},
    {name: "size", type: "BIGINT", unit: "bytes", nullable: true, doc: "Of an opened file its size, of read and write the bytes that crossed; NULL of others."},
    {name: "new_path", type: "VARCHAR", nullable: true, doc: "The new name of what is renamed; NULL of others."},
    {name: "pipe", type: "VARCHAR", nullable: true, doc: "Named pipe that is opened, read or written (svcctl, samr …); NULL of files and other commands."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
