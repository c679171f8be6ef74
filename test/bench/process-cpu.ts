import {readdirSync, readFileSync} from "node:fs";

/** CPU milliseconds, user and system, that a family of processes has used since it began. */
export interface ProcessCpu {
  /** This process: the server, and whoever drives the browser. */
  readonly own: number;
  /** Processes that answer queries, with those that have ended. */
  readonly queries: number;
  /** Renderers of Chromium: scripts, layout and painting of pages. */
  readonly page: number;
  /** What else runs beneath this process, such as loaders. */
  readonly others: number;
}

/** What this process and its children have used until now (Linux: proc(5), in ticks of 10 ms). */
export function processCpu(): ProcessCpu {
  const used = {own: 0, queries: 0, page: 0, others: 0};
  const parents = new Map<number, number>();
  const found: {pid: number; ms: number; endedMs: number}[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const fields = read(`/proc/${name}/stat`)
      ?.replace(/^.*\) /s, "")
      .split(" ");
    if (!fields) continue;
    parents.set(Number(name), Number(fields[1]));
    const msOf = (at: number) => 10 * (Number(fields[at]) + Number(fields[at + 1]));
    found.push({pid: Number(name), ms: msOf(11), endedMs: msOf(13)});
  }
  for (const {pid, ms, endedMs} of found) {
    if (pid === process.pid) {
      used.own += ms;
      used.queries += endedMs;
    } else if (isOurs(pid)) {
      const command = read(`/proc/${pid}/cmdline`) ?? "";
      if (command.includes("--type=renderer")) used.page += ms;
      else if (command.includes("query-child")) used.queries += ms;
      else used.others += ms + endedMs;
    }
  }
  return used;

  function isOurs(pid: number): boolean {
    for (let at = parents.get(pid); at; at = parents.get(at)) if (at === process.pid) return true;
    return false;
  }
}

/** Null where the process has gone meanwhile. */
function read(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}
