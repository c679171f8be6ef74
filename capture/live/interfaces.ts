import {existsSync, readdirSync, readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {networkInterfaces} from "node:os";
import type {CaptureInterface} from "../../schema/live/interface.ts";

/** Where Linux tells of its interfaces; tests lay out folders of their own. */
export interface SystemFolders {
  readonly net: string;
  readonly proc: string;
}

const linux: SystemFolders = {net: "/sys/class/net", proc: "/proc/net"};

/**
 * The interfaces of this machine, the default route's first, loopback last. On Linux from `/sys/class/net`, so that those
 * without an address are named, too; elsewhere what libpcap lists where the `cap` addon is there, else what has an address.
 */
export function listInterfaces(folders = linux, addresses = networkInterfaces()): CaptureInterface[] {
  const listed = existsSync(folders.net) ? readdirSync(folders.net) : [];
  const descriptions = new Map(listed.length > 0 ? [] : libpcapDevices());
  const names = new Set([...listed, ...descriptions.keys(), ...Object.keys(addresses)]);
  const defaults = defaultRoutes(folders.proc);
  const rank = ({isDefault, isLoopback}: CaptureInterface) => (isDefault ? 0 : isLoopback ? 2 : 1);
  return [...names]
    .map((name) => {
      const known = addresses[name] ?? [];
      const mac = (read(`${folders.net}/${name}/address`) ?? known[0]?.mac ?? "").trim();
      return {
        name,
        description: descriptions.get(name) ?? "",
        addresses: known.map(({cidr, address}) => cidr ?? address),
        mac: mac === "" || /^[0:]*$/.test(mac) ? null : mac,
        state: stateOf(read(`${folders.net}/${name}/operstate`), known.length > 0),
        isLoopback: known.some(({internal}) => internal) || /^lo\d*$/.test(name),
        isDefault: defaults.has(name)
      };
    })
    .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

/** Whether packets can pass that interface now; null where the system does not tell, or there is no such interface. */
export function isLinkUp(name: string, folders = linux): boolean | null {
  const state = stateOf(read(`${folders.net}/${name}/operstate`), false);
  return state === "unknown" ? null : state === "up";
}

/** `operstate` of Documentation/networking/operstates.rst; without it an interface with an address counts as up. */
function stateOf(operstate: string | null, hasAddress: boolean): CaptureInterface["state"] {
  if (operstate === null) return hasAddress ? "up" : "unknown";
  const text = operstate.trim();
  if (text === "up") return "up";
  return text === "down" || text === "lowerlayerdown" || text === "notpresent" ? "down" : "unknown";
}

/** Interfaces of the routes to everywhere, IPv4 and IPv6; route(8) and proc(5) describe the columns. */
function defaultRoutes(proc: string): Set<string> {
  const rows = (name: string) => (read(`${proc}/${name}`) ?? "").split("\n").map((line) => line.trim().split(/\s+/));
  const v4 = rows("route").filter(
    ([, destination, , , , , , mask]) => destination === "00000000" && mask === "00000000"
  );
  const v6 = rows("ipv6_route").filter(([to, length]) => length === "00" && /^0+$/.test(to));
  // The kernel keeps an unreachable route to everywhere on the loopback interface.
  return new Set([...v4.map(([name]) => name), ...v6.map((row) => row[9])].filter((name) => name && name !== "lo"));
}

/** What libpcap lists, by the optional addon; nothing where it is not installed or finds no library. */
function libpcapDevices(): [string, string][] {
  try {
    const {Cap} = createRequire(import.meta.url)("cap") as {
      Cap: {deviceList(): {name: string; description?: string}[]};
    };
    return Cap.deviceList().map(({name, description}) => [name, description ?? ""]);
  } catch {
    return [];
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
