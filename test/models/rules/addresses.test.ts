import {describe, expect, it} from "vitest";
import {memoryLake} from "../../../loaders/lake/memory-lake.ts";
import {inNetworks, isGroupAddress, isPerhapsIn} from "../../../models/rules/addresses.ts";

const localNets = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10", "2001:db8:1::/48"];
const local = [
  "10.1.2.3",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.0.0",
  "fd00::1",
  "fe80::1:2:3:4",
  "fc12::",
  "2001:db8:1:ffff::9"
];
const foreign = [
  "11.0.0.1",
  "172.32.0.1",
  "192.169.0.1",
  "8.8.8.8",
  "fec0::1",
  "2001:db8:2::1",
  "::1",
  "::ffff:10.0.0.1",
  "text",
  ""
];

describe("local networks", () => {
  const isLocal = inNetworks(localNets);
  it("hold the addresses below their prefixes and no others", () => {
    expect(local.filter(isLocal)).toEqual(local);
    expect(foreign.filter(isLocal)).toEqual([]);
  });

  it("a network that is not CIDR is refused by name", () => {
    for (const text of ["10.0.0.0/33", "10.0.0/8", "fe80::/200", "lan"])
      expect(() => inNetworks([text])).toThrow(`found ${text}`);
  });

  it("the condition for the engine lets every local address pass", async () => {
    const engine = await memoryLake({});
    const values = [...local, ...foreign].map((text) => `('${text}')`).join(", ");
    const {rows} = await engine.query(`SELECT ip FROM (VALUES ${values}) v(ip) WHERE ${isPerhapsIn(localNets, "ip")}`);
    await engine.close();
    const passed = rows.map(([ip]) => String(ip));
    expect(local.filter((ip) => !passed.includes(ip))).toEqual([]);
    expect(passed).not.toContain("8.8.8.8");
    expect(passed).not.toContain("11.0.0.1");
  });
});

it("group addresses are multicast, broadcast and unspecified", async () => {
  const engine = await memoryLake({});
  const groups = [
    "224.0.0.1",
    "239.255.255.250",
    "229.1.1.1",
    "255.255.255.255",
    "192.168.1.255",
    "ff02::fb",
    "0.0.0.0",
    "::"
  ];
  const hosts = ["223.255.1.1", "220.1.1.1", "22.4.0.1", "240.0.0.1", "10.0.0.1", "fe80::1", "2001:db8::ff"];
  const values = [...groups, ...hosts].map((text) => `('${text}')`).join(", ");
  const {rows} = await engine.query(`SELECT ip FROM (VALUES ${values}) v(ip) WHERE ${isGroupAddress("ip")}`);
  await engine.close();
  expect(rows.map(([ip]) => ip)).toEqual(groups);
});
