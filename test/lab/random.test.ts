import {describe, expect, it} from "vitest";
import type {Configuration, Scene} from "../../lab/configuration.ts";
import {busy, random} from "../../lab/configurations/random.ts";
import {Random} from "../../lab/random.ts";

const seeds = Array.from({length: 30}, (_, i) => i);

/** The plan without the names of files, which count the servers that were made. */
const text = (configuration: Configuration) => JSON.stringify(configuration);

/** What the residents of a host are told to do. */
function habits({hosts}: Configuration): string[] {
  return hosts.flatMap((host) =>
    (host.residents ?? []).flatMap((resident) => {
      const scene = {host, random: new Random(1)} as unknown as Scene;
      const told = JSON.parse(resident.command(scene).at(-1)!) as {plans?: {kind: string}[]};
      return (told.plans ?? []).map(({kind}) => kind);
    })
  );
}

describe("networks drawn by a seed", () => {
  it("are the same for the same seed, and others for others", () => {
    for (const draw of [random, busy])
      for (const seed of seeds) {
        expect(text(draw(seed))).toBe(text(draw(seed)));
        expect(text(draw(seed))).not.toBe(text(draw(seed + 1)));
      }
    expect(habits(random(5))).toEqual(habits(random(5)));
  });

  it("have addresses, names and MAC addresses of their own, few enough hosts, and names that namespaces bear", () => {
    for (const draw of [random, busy])
      for (const seed of seeds) {
        const {hosts, endpoints, alternatives} = draw(seed);
        const addresses = hosts.flatMap(({address, aliases}) => [address, ...(aliases ?? [])]);
        expect(new Set(addresses).size).toBe(addresses.length);
        expect(new Set(hosts.map(({name}) => name)).size).toBe(hosts.length);
        for (const {name} of hosts) expect(name).toMatch(/^[a-z0-9]{2,10}$/);
        expect(hosts.length).toBeLessThanOrEqual(65);
        for (const {host, address, port} of [
          ...Object.values(endpoints),
          ...Object.values(alternatives ?? {}).flat()
        ]) {
          const found = hosts.find(({name}) => name === host);
          expect([found?.address, ...(found?.aliases ?? [])]).toContain(address);
          expect(port).toBeGreaterThan(0);
        }
      }
  });

  it("have distant ordinary servers: round trips from below 20 to above 100 ms, as far as where bots call home", () => {
    const roundTrips = seeds.flatMap((seed) =>
      random(seed)
        .hosts.filter(({name}) => name.startsWith("world"))
        .flatMap(({link, distances}) =>
          Object.values(distances ?? {}).map(({delayUs}) => (2 * (link.delayUs + delayUs)) / 1000)
        )
    );
    expect(roundTrips.filter((ms) => ms < 20).length).toBeGreaterThan(roundTrips.length / 10);
    expect(roundTrips.filter((ms) => ms > 100).length).toBeGreaterThan(roundTrips.length / 20);
    expect(Math.max(...roundTrips)).toBeLessThan(320);
  });

  it("a busy one has no attack, and does what hosts do that are busy by trade", () => {
    const kinds = new Set<string>();
    for (const seed of seeds) {
      const network = busy(seed);
      for (const {attacks, background} of network.hosts) expect([attacks, background]).toEqual([undefined, undefined]);
      for (const kind of habits(network)) kinds.add(kind);
    }
    expect([...kinds].sort()).toEqual([
      "checkHealth",
      "crawl",
      "datagrams",
      "fetchUpdates",
      "keepAlive",
      "llmnr",
      "lookUps",
      "mdns",
      "monitor",
      "netbios",
      "ntp",
      "openPages",
      "peers",
      "phoneCall",
      "pollNews",
      "register",
      "relayMail",
      "report",
      "retry",
      "scrape",
      "sendFile",
      "snmp",
      "ssdp",
      "stun",
      "telemetry",
      "unheard",
      "uploadFile",
      "watchCamera"
    ]);
  });

  it("every attacker of a network runs several classes, in turns with ordinary use and without residents", () => {
    const tools = new Set<string>();
    for (const seed of seeds)
      for (const {name, attacks, use, residents, background} of random(seed).hosts) {
        for (const {tool} of [...(attacks?.list ?? []), ...(background ?? [])]) tools.add(tool);
        if (!name.startsWith("foe")) continue;
        expect(new Set(attacks?.list.map(({label}) => label)).size).toBeGreaterThan(2);
        expect(use?.workers).toBe(1);
        expect(residents).toBeUndefined();
      }
    expect(tools.size).toBeGreaterThan(80);
  });
});
