import type {Scope} from "./rule.ts";

/** Pipes by which a machine is driven from afar, with what their service does ([MS-RPCE] well-known endpoints). */
export const controlPipes = {
  svcctl: "services",
  atsvc: "scheduled tasks",
  winreg: "registry",
  spoolss: "print spooler",
  efsrpc: "file encryption",
  eventlog: "event log"
} as const;

/** Pipes that execution tools (and Cobalt Strike's beacons by SMB, at their defaults) make on the machine they run commands on, by the beginning of their names. */
export const toolPipes = [
  "remcom_",
  "psexesvc",
  "psexec",
  "paexec",
  "csexec",
  "xcmdsvc",
  "winexe",
  "ahexec",
  "msagent_",
  "postex_",
  "msse-"
] as const;

/** A condition: the share gives away a whole machine (`ADMIN$`, `C$` and other drives), to administrators alone. */
export const isAdminShare = "(share_name = 'admin$' OR share_name LIKE '_$')";

/** Last part of a path with backslashes, in lower case. */
const lastPart = (path: string) => `regexp_extract(lower(${path}), '[^\\\\]*$')`;

/**
 * A subquery: SMB requests to connect to a share or to open something, of client `src_ip` and server `dst_ip`.
 * `share_name` (`ipc$`) and `name` (file or pipe) are in lower case; `is_opened` is 0 where the server refused.
 */
export function smbRequests(scope: Scope): string {
  return `(SELECT s.capture_sha256, s.flow_id, s.ts AS ts_start, f.src_ip, f.dst_ip, f.dst_port, s.command,
      ${lastPart("s.share")} AS share_name, ${lastPart("s.path")} AS name, CASE WHEN coalesce(s.status, 0) = 0 THEN 1 ELSE 0 END AS is_opened
    FROM ${scope.rows("smb")} s JOIN ${scope.rows("flows")} f ON s.flow_id = f.flow_id AND s.capture_sha256 = f.capture_sha256
    WHERE s.command IN ('tree_connect', 'create', 'open'))`;
}

/** A condition: `name` is one of these pipes; a share that was not seen may be the one of pipes. */
export function isPipe(names: readonly string[]): string {
  return `(coalesce(share_name, 'ipc$') = 'ipc$' AND name IN (${names.map((name) => `'${name}'`).join(", ")}))`;
}

/** A condition: `name` is a pipe that an execution tool made, or a file that one leaves its output in. */
export const isToolMark = `((coalesce(share_name, 'ipc$') = 'ipc$' AND (${toolPipes.map((start) => `name LIKE '${start}%'`).join(" OR ")}))
  OR (${isAdminShare} AND coalesce(regexp_extract(name, '^__(output|[0-9]+[.][0-9]+)$'), '') <> ''))`;
