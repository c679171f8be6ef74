import {describe, expect, it} from "vitest";
import type {Configuration} from "../../lab/configuration.ts";
import {configurations} from "../../lab/configurations.ts";
import {debianPackages, programs} from "../../lab/programs.ts";
import {Random} from "../../lab/random.ts";

const load = async () =>
  Object.fromEntries(
    await Promise.all(Object.entries(configurations).map(async ([name, make]) => [name, await make(1)] as const))
  );

const attacks = ({hosts}: Configuration) => hosts.flatMap((h) => [...(h.attacks?.list ?? []), ...(h.background ?? [])]);

describe("the lab's configurations", () => {
  it("give every host an address of its own, and every service a host that is there", async () => {
    for (const configuration of Object.values(await load())) {
      const addresses = configuration.hosts.flatMap((h) => [
        h.address,
        ...(h.address6 ? [h.address6] : []),
        ...(h.aliases ?? [])
      ]);
      expect(new Set(addresses).size).toBe(addresses.length);
      const places = [
        ...Object.values(configuration.endpoints),
        ...Object.values(configuration.alternatives ?? {}).flat()
      ];
      for (const {host, address} of places) {
        const found = configuration.hosts.find(({name}) => name === host);
        expect([found?.address, ...(found?.aliases ?? [])]).toContain(address);
      }
      for (const {name} of configuration.hosts) expect(name).toMatch(/^[a-z0-9]{2,10}$/);
    }
  });

  it("a and b have no attack, network or link in common", async () => {
    const {a, b} = await load();
    const tools = (c: Configuration) => new Set(attacks(c).map(({tool}) => tool));
    expect([...tools(a)].filter((tool) => tools(b).has(tool))).toEqual(["many-requests"]);
    const networks = (c: Configuration) =>
      new Set(c.hosts.map(({address}) => address.split(".").slice(0, 2).join(".")));
    expect([...networks(a)].filter((network) => networks(b).has(network))).toEqual([]);
    const links = (c: Configuration) => new Set(c.hosts.map(({link}) => JSON.stringify(link)));
    expect([...links(a)].filter((link) => links(b).has(link))).toEqual([]);
  });

  it("every attacker of a and b runs more than one class, in turns with ordinary use", async () => {
    const {a, b} = await load();
    for (const {name, attacks, use} of [...a.hosts, ...b.hosts]) {
      if (!attacks || name === "swarm" || name === "herd") continue;
      expect(new Set(attacks.list.map(({label}) => label)).size).toBeGreaterThan(3);
      expect(use?.workers).toBe(1);
    }
  });

  it("tell which of Debian's packages they need", async () => {
    const {demo} = await load();
    expect(debianPackages(programs(demo))).toEqual(
      expect.arrayContaining(["hydra", "iproute2", "nginx-light", "nmap", "openssh-server", "tcpdump"])
    );
  });
});

describe("the lab's dice", () => {
  it("fall the same for the same seed and name, and otherwise for others", () => {
    const draw = (seed: number, name: string) => {
      const random = Random.named(seed, name);
      return Array.from({length: 4}, () => random.integer(0, 1e6));
    };
    expect(draw(1, "anna")).toEqual(draw(1, "anna"));
    expect(draw(1, "anna")).not.toEqual(draw(2, "anna"));
    expect(draw(1, "anna")).not.toEqual(draw(1, "ben"));
  });
  it("choose by weight", () => {
    const random = new Random(3);
    const drawn = Array.from({length: 3000}, () => random.weighted([["often", 9] as const, ["seldom", 1] as const]));
    const seldom = drawn.filter((word) => word === "seldom").length;
    expect(seldom).toBeGreaterThan(230);
    expect(seldom).toBeLessThan(370);
  });
});
