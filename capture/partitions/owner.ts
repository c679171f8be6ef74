import {readFileSync} from "node:fs";
import {hostname} from "node:os";

/** The process that something belongs to. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in the kernel's ticks; null where /proc does not tell. */
  readonly started: string | null;
}

/** This process. */
export function ownerOfThis(): Owner {
  return {pid: process.pid, host: hostname(), started: startOf(process.pid)};
}

/** False where the process is known to be gone; of another machine nobody knows. */
export function mayLive({pid, host, started}: Owner): boolean {
  if (host !== hostname()) return true;
  return isAlive(pid) && started === startOf(pid);
}

/** Whether a process of that number runs on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Field 22 of /proc/PID/stat: tells a process from a later one of the same number. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return null;
  }
}
