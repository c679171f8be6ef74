import {type ChildProcess, execFileSync, spawn} from "node:child_process";
import {resolve} from "node:path";
import {notLinux, notRoot} from "../../needs.ts";

const project = resolve(import.meta.dirname, "../../..");

/** Two network namespaces joined by a cable; everything in them ends with `remove`. */
export interface Cable {
  /** Where traffic is sent from, and where it is captured. */
  readonly sender: string;
  readonly receiver: string;
  readonly senderAddress: string;
  readonly receiverAddress: string;
  /** The receiver's interface. */
  readonly interface: string;
  remove(): void;
}

/** Why no namespaces can be made here; null where they can. */
export function noNamespaces(): string | null {
  if (notLinux ?? notRoot) return notLinux ?? notRoot;
  try {
    const name = `fbt${process.pid}x`;
    execFileSync("ip", ["netns", "add", name], {stdio: "ignore"});
    execFileSync("ip", ["netns", "del", name], {stdio: "ignore"});
    execFileSync("dumpcap", ["--version"], {stdio: "ignore"});
    execFileSync("tcpdump", ["--version"], {stdio: "ignore"});
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

let made = 0;

/** Lays a cable. `tag` keeps the names of several test files apart. */
export function layCable(tag: string): Cable {
  const base = `fb${tag}${process.pid}${made++}`;
  const [sender, receiver] = [`${base}s`, `${base}r`];
  const ip = (...args: string[]) => execFileSync("ip", args, {stdio: "pipe"});
  ip("netns", "add", sender);
  ip("netns", "add", receiver);
  const cable: Cable = {
    sender,
    receiver,
    senderAddress: "10.201.0.1",
    receiverAddress: "10.201.0.2",
    interface: "fbr",
    remove() {
      for (const name of [sender, receiver]) {
        for (const pid of execFileSync("ip", ["netns", "pids", name], {encoding: "utf8"}).split("\n").filter(Boolean))
          try {
            process.kill(Number(pid), "SIGKILL");
          } catch {
            // It ended meanwhile.
          }
        ip("netns", "del", name);
      }
    }
  };
  try {
    // No router or neighbour talk of IPv6: what is counted is what the test sends (and ARP).
    for (const name of [sender, receiver])
      execFileSync("ip", [
        "netns",
        "exec",
        name,
        "sysctl",
        "-qw",
        "net.ipv6.conf.all.disable_ipv6=1",
        "net.ipv6.conf.default.disable_ipv6=1"
      ]);
    ip("-n", sender, "link", "add", "fbs", "type", "veth", "peer", "name", "fbr", "netns", receiver);
    for (const [name, link, address] of [
      [sender, "fbs", cable.senderAddress],
      [receiver, "fbr", cable.receiverAddress]
    ]) {
      ip("-n", name, "link", "set", "lo", "up");
      ip("-n", name, "addr", "add", `${address}/24`, "dev", link);
      ip("-n", name, "link", "set", link, "up");
    }
    return cable;
  } catch (error) {
    cable.remove();
    throw error;
  }
}

/** A program at work in a namespace, and what came of it. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<{code: number | null; stdout: string; stderr: string; seconds: number}>;
  /** Resolves when the text appears on standard error or output. */
  says(text: string): Promise<void>;
}

export function runIn(
  namespace: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {}
): Running {
  const begun = performance.now();
  const child = spawn("ip", ["netns", "exec", namespace, command, ...args], {
    cwd: project,
    stdio: ["ignore", "pipe", "pipe"],
    env: {...process.env, ...env}
  });
  let stdout = "";
  let stderr = "";
  const waiting: {text: string; resolve: () => void; reject: (error: Error) => void}[] = [];
  const look = () => {
    for (const {text, resolve} of waiting) if (stdout.includes(text) || stderr.includes(text)) resolve();
  };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
    look();
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
    look();
  });
  const ended = new Promise<{code: number | null; stdout: string; stderr: string; seconds: number}>((resolve) => {
    child.on("close", (code) => {
      resolve({code, stdout, stderr, seconds: (performance.now() - begun) / 1000});
      for (const {text, reject} of waiting) reject(new Error(`ended without saying ${text}: ${stdout}${stderr}`));
    });
  });
  return {
    process: child,
    ended,
    says: (text) =>
      new Promise((resolve, reject) => {
        waiting.push({text, resolve, reject});
        look();
      })
  };
}

/** `flowbook` with these arguments in a namespace. `ip netns exec` becomes it: signals reach it. */
export function flowbookIn(namespace: string, ...args: string[]): Running {
  return runIn(namespace, process.execPath, ["bin/flowbook.js", ...args]);
}

/** Sends UDP packets to port 7000 of the receiver, from as many local ports as given; resolves with what was sent. */
export async function sendUdp(
  cable: Cable,
  packets: number,
  perSecond: number,
  bytes = 100,
  ports = 1
): Promise<number> {
  const script = resolve(import.meta.dirname, "send-udp.js");
  const args = [script, cable.receiverAddress, 7000, packets, perSecond, bytes, 40_000, ports].map(String);
  const {code, stdout, stderr} = await runIn(cable.sender, process.execPath, args).ended;
  if (code !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as {sent: number}).sent;
}
