import {statfsSync} from "node:fs";
import {exit, UserError} from "./verb.ts";

/** What systems and DuckDB say where a disk has no room, or takes nothing from this user. */
const full =
  /\b(?:ENOSPC|EDQUOT)\b|No space left on device|Disk quota exceeded|failed to offload|max_temp_directory_size/i;
const closed = /\b(?:EACCES|EPERM|EROFS)\b|Permission denied|Read-only file system/i;

/** True where a message says that a disk is full. */
export const saysFull = (message: string): boolean => full.test(message);

/**
 * The error in words for the user where it comes of a full disk, or of one that may not be written; null for anything
 * else. An error that passed through a thread or a child has only its message left, so that is what is looked at.
 */
export function diskProblem(error: unknown, lake: string): UserError | null {
  const message = messageOf(error);
  const [line] = message.split("\n");
  if (full.test(message))
    return new UserError(exit.limit, `${whatIsFull(lake)}: ${line}; what was sealed before is kept`, {
      cause: error,
      hint: "free some space (flowbook gc --max-size removes the oldest parts), or name a lake elsewhere with --lake DIR"
    });
  if (closed.test(message))
    return new UserError(exit.permission, `user ${userName()} may not write here: ${line}`, {
      cause: error,
      // The message names the place; the lake is not the only one that is written.
      hint: line.includes(lake)
        ? `give yourself write access (chown -R ${userName()} ${lake}, or mount it for writing), or name a lake elsewhere with --lake DIR`
        : "give yourself write access there"
    });
  return null;
}

/** The messages of an error and its causes that say something of a disk, or the error's own. */
function messageOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++)
    if (full.test(at.message) || closed.test(at.message)) return at.message;
  return error instanceof Error ? error.message : String(error);
}

/** A disk may have room for bytes and none for names of files. */
function whatIsFull(lake: string): string {
  try {
    const {files, ffree} = statfsSync(lake);
    if (files > 0 && ffree === 0) return "no more files fit on the disk (it has no free inodes)";
  } catch {
    // The lake could not even be made.
  }
  return "no space is left on the disk";
}

function userName(): string {
  return String(process.getuid?.() ?? process.env.USERNAME ?? "user");
}
