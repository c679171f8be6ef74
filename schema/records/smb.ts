import type {Table} from "../column.ts";
import {record} from "./record.ts";

/**
 * One row per SMB request that negotiates, logs on, connects to a share, or opens, deletes or renames a file, with its
 * status. The reads and the writes of an open file are summed in one row each when the file is closed.
 */
export const smb = {
  name: "smb",
  doc: "SMB requests: negotiation, sessions, shares, and files opened, read, written, deleted and renamed.",
  columns: [
    ...record,
    {name: "version", type: "VARCHAR", doc: "Negotiated dialect (NT LM 0.12, 2.1, 3.1.1 …); 1 or 2 where the negotiation was not captured.", source: "[MS-SMB2] §2.2.4"},
    {name: "command", type: "VARCHAR", doc: "negotiate, session_setup, logoff, tree_connect, tree_disconnect, create, read, write, delete, rename; in SMB 1 also open; compression_transform for a compressed message that claims to become longer than a message can be (24 bits).", source: "[MS-SMB2] §2.2.1.2"},
    {name: "share", type: "VARCHAR", nullable: true, doc: "Path of the share (\\\\server\\share); NULL where the command refers to none, or its tree connect was not captured."},
    {name: "path", type: "VARCHAR", nullable: true, doc: "File or folder within the share; empty for the root of the share; NULL where the command refers to none, or its opening was not captured."},
    {name: "status", type: "BIGINT", nullable: true, doc: "NTSTATUS of the response (0 success, 0xC0000022 access denied …), for reads and writes the last status that is not success; NULL where no response was captured.", source: "[MS-ERREF] §2.3"},
    {name: "user", type: "VARCHAR", nullable: true, doc: "User of the session (DOMAIN\\user), from its NTLM authentication; NULL for Kerberos, for anonymous sessions and where the authentication was not captured."},
    {name: "action", type: "VARCHAR", nullable: true, doc: "What was done to a file: open, create, overwrite, supersede, read, write, delete, rename; NULL for other commands and for requests that the server rejected."},
    {name: "size", type: "BIGINT", unit: "bytes", nullable: true, doc: "For an opened file its size, for read and write the bytes transferred, for compression_transform the bytes claimed; NULL for other commands."},
    {name: "new_path", type: "VARCHAR", nullable: true, doc: "For a rename the new path; NULL for other commands."},
    {name: "pipe", type: "VARCHAR", nullable: true, doc: "Named pipe that is opened, read or written (svcctl, samr …); NULL for files and other commands."}
  ],
  sortBy: ["ts"]
} as const satisfies Table;
