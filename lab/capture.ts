import {readFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import type {Processes} from "./processes.ts";

/** tcpdump on the switch of the lab's own network; resolves once it listens. `snapLength` 0 keeps whole packets. */
export async function startCapture(
  processes: Processes,
  tap: {readonly namespace: string; readonly device: string},
  file: string,
  snapLength: number
): Promise<{stop(): Promise<number>}> {
  const log = join(dirname(file), "logs", `tcpdump-${Date.now()}.log`);
  const options = ["-i", tap.device, "-U", "-s", `${snapLength}`, "-B", "16384", "-Z", "root", "-w", file];
  const child = processes.start(["ip", "netns", "exec", tap.namespace, "tcpdump", ...options], log);
  for (let i = 0; i < 50 && !said(log).includes("listening on"); i++) await sleep(100);
  if (!said(log).includes("listening on")) throw new Error(`tcpdump does not listen: ${said(log)}`);
  return {
    /** Ends the capture; resolves with the packets that the kernel dropped. */
    async stop() {
      const closed = new Promise((resolve) => child.once("close", resolve));
      process.kill(-child.pid!, "SIGINT");
      await closed;
      await sleep(100);
      return Number(/(\d+) packets? dropped by kernel/.exec(said(log))?.[1] ?? Number.NaN);
    }
  };
}

function said(log: string): string {
  try {
    return readFileSync(log, "utf8");
  } catch {
    return "";
  }
}
