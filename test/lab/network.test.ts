import {execFileSync, spawnSync} from "node:child_process";
import {existsSync, mkdtempSync, readdirSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterEach, beforeEach, expect} from "vitest";
import type {HostPlan} from "../../lab/configuration.ts";
import {openNetwork} from "../../lab/network.ts";
import {Processes} from "../../lab/processes.ts";
import {absentUnless, itUnless, noProgram, notLinux, notRoot} from "../needs.ts";

const unable =
  notLinux ??
  notRoot ??
  absentUnless(existsSync("/dev/net/tun"), "no TAP devices") ??
  noProgram("ip", "python3", "ping") ??
  absentUnless(spawnSync("ip", ["netns", "list"]).status === 0, "no network namespaces") ??
  absentUnless(spawnSync("unshare", ["-n", "true"]).status === 0, "no unshare -n");

const prefix = `fbtest${process.pid.toString(36)}`;
const link = {delayUs: 20_000, jitterUs: 0, lossPpm: 0, kbit: 10_000};
const hosts: HostPlan[] = [
  {name: "one", address: "10.9.1.1", link, stack: {"net.ipv4.ip_default_ttl": 128}, mtu: 1400},
  {
    name: "two",
    address: "10.9.2.2",
    link,
    routes: "10.9.3.0/24",
    aliases: ["10.9.3.7", "10.9.4.4"],
    distances: {"10.9.4.4": {delayUs: 30_000, jitterUs: 0, lossPpm: 0, hops: 5}}
  }
];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-network-"));
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

const left = () =>
  [
    ...execFileSync("ip", ["netns", "list"], {encoding: "utf8"}).split("\n"),
    ...(existsSync("/etc/netns") ? readdirSync("/etc/netns") : [])
  ].filter((line) => line.startsWith(prefix));

itUnless(unable)(
  "hosts reach each other with the links' delay, distant addresses with theirs, a routed network is mostly empty, and nothing is left",
  async () => {
    const processes = new Processes(folder);
    const network = await openNetwork(prefix, hosts, {"resolv.conf": "nameserver 10.9.2.2\n"}, 1, processes, folder);
    try {
      const run = (host: string, ...argv: string[]) => processes.run(network.in(host, argv), {seconds: 8});
      await run("one", "ping", "-n", "-c", "1", "-W", "3", "10.9.2.2");
      const {code, output} = await run("one", "ping", "-n", "-c", "2", "-i", "0.2", "-W", "3", "10.9.2.2");
      expect(code).toBe(0);
      const least = Number(/= ([\d.]+)\//.exec(output)?.[1]);
      expect(least).toBeGreaterThanOrEqual(80);
      expect((await run("one", "ping", "-n", "-c", "1", "-W", "3", "10.9.3.7")).code).toBe(0);
      expect((await run("one", "ping", "-n", "-c", "1", "-W", "1", "10.9.3.8")).code).toBe(1);
      const far = (await run("one", "ping", "-n", "-c", "1", "-W", "3", "10.9.4.4")).output;
      expect(far).toContain("ttl=59");
      expect(Number(/= ([\d.]+)\//.exec(far)?.[1])).toBeGreaterThanOrEqual(140);
      expect((await run("two", "ping", "-n", "-c", "1", "-W", "3", "10.9.1.1")).output).toContain("ttl=128");
      expect((await run("one", "cat", "/sys/class/net/eth0/mtu")).output).toBe("1400\n");
      expect((await run("one", "cat", "/etc/resolv.conf")).output).toBe("nameserver 10.9.2.2\n");
    } finally {
      processes.endAll();
      await new Promise((resolve) => setTimeout(resolve, 200));
      network.close();
    }
    expect(left()).toEqual([]);
  }
);
