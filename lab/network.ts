import {type ChildProcess, execFileSync} from "node:child_process";
import {existsSync, mkdirSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {fileURLToPath} from "node:url";
import type {HostPlan} from "./configuration.ts";
import type {Processes} from "./processes.ts";

/** Where `ip netns exec` finds files to lay over /etc in a namespace (ip-netns(8)). */
const overlays = "/etc/netns";

/** Hosts in network namespaces on one switch; nothing of it reaches the machine's own network. */
export interface Network {
  /** The command, to be run in that host's namespace. */
  in(host: string, argv: readonly string[]): string[];
  /** Namespace and interface where all frames pass. */
  readonly tap: {readonly namespace: string; readonly device: string};
  close(): void;
}

/**
 * Makes namespaces, switch and links for the hosts; `etc` are files laid over /etc inside all of them (a resolver, users
 * for the servers), so that the machine's own stay as they are. `prefix` must be this run's alone. Needs root.
 */
export async function openNetwork(
  prefix: string,
  hosts: readonly HostPlan[],
  etc: Readonly<Record<string, string>>,
  seed: number,
  processes: Processes,
  logFolder: string
): Promise<Network> {
  const namespace = (host: string) => `${prefix}-${host}`;
  const all = ["switch", ...hosts.map(({name}) => name)];
  const close = () => all.forEach((name) => void removeNamespace(namespace(name)));
  try {
    for (const name of all) makeNamespace(namespace(name), etc);
    ip("-n", namespace("switch"), "link", "add", "br0", "type", "bridge");
    ip("-n", namespace("switch"), "link", "set", "br0", "up");
    const links = processes.start(
      ["ip", "netns", "exec", namespace("switch"), "python3", fileURLToPath(new URL("link.py", import.meta.url))],
      join(logFolder, "links.log"),
      JSON.stringify({seed, links: hosts.map(({link, distances}) => ({...link, distances}))})
    );
    await firstLine(links);
    hosts.forEach((host, index) => void connect(namespace, host, index));
    const ways = hosts.flatMap(waysTo);
    for (const {name} of hosts) addWays(namespace(name), name, ways);
  } catch (error) {
    close();
    throw error;
  }
  return {
    in: (host, argv) => ["ip", "netns", "exec", namespace(host), ...argv],
    tap: {namespace: namespace("switch"), device: "br0"},
    close
  };
}

function makeNamespace(name: string, etc: Readonly<Record<string, string>>): void {
  mkdirSync(join(overlays, name), {recursive: true});
  for (const [file, content] of Object.entries(etc))
    writeFileSync(join(overlays, name, file), content, {mode: file === "shadow" ? 0o600 : 0o644});
  ip("netns", "add", name);
  ip("-n", name, "link", "set", "lo", "up");
}

/** Every address is on the link: hosts of any subnet reach each other through the switch. */
function connect(namespace: (host: string) => string, host: HostPlan, index: number): void {
  const [own, port] = [namespace(host.name), namespace("switch")];
  ip("-n", port, "link", "set", `p${index}`, "master", "br0", "up");
  ip("-n", port, "link", "set", `h${index}`, "netns", own, "name", "eth0");
  const mac = host.address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  ip("-n", own, "link", "set", "eth0", "address", ["02", "42", ...mac].join(":"), "up");
  for (const address of [host.address, ...(host.aliases ?? [])])
    ip("-n", own, "addr", "add", `${address}/32`, "dev", "eth0");
  ip("-n", own, "route", "add", "default", "dev", "eth0", "scope", "link", "src", host.address);
  if (host.address6) {
    ip("-n", own, "addr", "add", `${host.address6}/64`, "dev", "eth0", "nodad");
    ip("-n", own, "-6", "route", "add", "default", "dev", "eth0");
  }
  if (host.mtu) ip("-n", own, "link", "set", "eth0", "mtu", `${host.mtu}`);
  if (host.stack) setStack(own, host.stack);
  if (host.routes) routeQuarter(own, host.routes);
}

interface Way {
  readonly host: string;
  readonly network: string;
  readonly via: string;
}

/**
 * Networks and distant addresses that are reached by way of their host, as by a router. Not by ARP for each: the
 * kernel's table of neighbours (1,024 entries by default) is one for all namespaces of the machine, and where it is
 * full, packets are not sent.
 */
function waysTo({name, address, routes, distances}: HostPlan): Way[] {
  const networks = [...(routes ? [routes] : []), ...Object.keys(distances ?? {}).map((alias) => `${alias}/32`)];
  return networks.map((network) => ({host: name, network, via: address}));
}

function addWays(namespace: string, name: string, ways: readonly Way[]): void {
  const lines = ways
    .filter(({host}) => host !== name)
    .map(({network, via}) => `route add ${network} via ${via} dev eth0 onlink`);
  if (lines.length > 0)
    execFileSync("ip", ["-n", namespace, "-batch", "-"], {
      input: `${lines.join("\n")}\n`,
      stdio: ["pipe", "ignore", "pipe"]
    });
}

function setStack(namespace: string, stack: Readonly<Record<string, number | string>>): void {
  const lines = Object.entries(stack).map(
    ([name, value]) => `echo "${value}" > /proc/sys/${name.replaceAll(".", "/")}`
  );
  ip("netns", "exec", namespace, "sh", "-c", lines.join("; "));
}

/** The host answers ARP for a whole network, of which only its own further addresses live; packets to the rest vanish. */
function routeQuarter(namespace: string, network: string): void {
  ip("-n", namespace, "link", "add", "quarter", "type", "veth", "peer", "name", "nobody");
  ip("-n", namespace, "link", "set", "quarter", "arp", "off", "up");
  ip("-n", namespace, "link", "set", "nobody", "up");
  ip("-n", namespace, "route", "add", network, "dev", "quarter");
  const settings = ["ip_forward=1", "conf/eth0/proxy_arp=1", "neigh/eth0/proxy_delay=0", "conf/all/rp_filter=0"];
  const write = settings.map((setting) => setting.replace(/(.*)=(.*)/, "echo $2 > /proc/sys/net/ipv4/$1")).join("; ");
  ip("netns", "exec", namespace, "sh", "-c", write);
}

function removeNamespace(name: string): void {
  const exists = existsSync("/run/netns") && readdirSync("/run/netns").includes(name);
  if (exists) {
    const pids = ip("netns", "pids", name).split("\n").map(Number).filter(Boolean);
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }
    ip("netns", "del", name);
  }
  rmSync(join(overlays, name), {recursive: true, force: true});
}

function ip(...args: string[]): string {
  return execFileSync("ip", args, {encoding: "utf8", stdio: ["ignore", "pipe", "pipe"]});
}

function firstLine(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("close", (code) =>
      reject(new Error(`the lab's links ended with exit code ${code} before they were ready`))
    );
    child.once("error", reject);
  });
}
