import {execFileSync} from "node:child_process";
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {networkInterfaces, tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {listInterfaces} from "../../../capture/live/interfaces.ts";
import {itUnless, noProgram} from "../../needs.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-interfaces-"));
const system = {net: join(folder, "net"), proc: join(folder, "proc")};

beforeAll(() => {
  const files = {
    "net/eth0/address": "02:fc:00:00:00:01\n",
    "net/eth0/operstate": "up\n",
    "net/wlan0/address": "02:fc:00:00:00:02\n",
    "net/wlan0/operstate": "lowerlayerdown\n",
    "net/wg0/address": "\n",
    "net/wg0/operstate": "unknown\n",
    "net/lo/address": "00:00:00:00:00:00\n",
    "net/lo/operstate": "unknown\n",
    "proc/route": [
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
      "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
      "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0"
    ].join("\n"),
    "proc/ipv6_route": [
      `${"0".repeat(32)} 00 ${"0".repeat(32)} 00 fd${"0".repeat(29)}1 00000400 00000000 00000000 00000003     wg0`,
      `${"0".repeat(32)} 00 ${"0".repeat(32)} 00 ${"0".repeat(32)} ffffffff 00000001 00000000 00200200       lo`
    ].join("\n")
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), {recursive: true});
    writeFileSync(join(folder, path), content);
  }
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

it("names interfaces without an address too, default routes of both families first, loopback last", () => {
  const eth0 = {
    address: "192.0.2.2",
    cidr: "192.0.2.2/24",
    netmask: "",
    family: "IPv4",
    mac: "",
    internal: false
  } as const;
  expect(listInterfaces(system, {eth0: [eth0]})).toEqual([
    {
      name: "eth0",
      description: "",
      addresses: ["192.0.2.2/24"],
      mac: "02:fc:00:00:00:01",
      state: "up",
      isLoopback: false,
      isDefault: true
    },
    {name: "wg0", description: "", addresses: [], mac: null, state: "unknown", isLoopback: false, isDefault: true},
    {
      name: "wlan0",
      description: "",
      addresses: [],
      mac: "02:fc:00:00:00:02",
      state: "down",
      isLoopback: false,
      isDefault: false
    },
    {name: "lo", description: "", addresses: [], mac: null, state: "unknown", isLoopback: true, isDefault: false}
  ]);
});

it("names this machine's interfaces as the system does", () => {
  const names = listInterfaces().map(({name}) => name);
  expect(names).toEqual(expect.arrayContaining(Object.keys(networkInterfaces())));
});

itUnless(noProgram("ip"))("marks the default route that ip(8) tells", () => {
  const told = execFileSync("ip", ["-j", "route", "show", "default"], {encoding: "utf8"});
  const devices = (JSON.parse(told || "[]") as {dev: string}[]).map(({dev}) => dev);
  const marked = listInterfaces().filter(({isDefault}) => isDefault);
  expect(marked.map(({name}) => name)).toEqual(expect.arrayContaining(devices));
});
