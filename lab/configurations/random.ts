import type {Configuration} from "../configuration.ts";
import {Addresses, logUniform} from "../draw/addresses.ts";
import {drawFoes} from "../draw/foes.ts";
import {drawActors, drawHosts} from "../draw/hosts.ts";
import {drawAway, drawSite} from "../draw/site.ts";
import {drawWorld} from "../draw/world.ts";
import {Random} from "../random.ts";

/**
 * A network drawn by the seed: its size, addresses, servers near and far, stacks, links, people, devices, and who
 * attacks it with which tools. The same seed, the same plan.
 */
export const random = (seed: number): Configuration => draw("random", seed);

/** The same without an attack and with more to do: what busy ordinary networks look like. */
export const busy = (seed: number): Configuration => draw("busy", seed);

function draw(name: "random" | "busy", seed: number): Configuration {
  const of = (part: string) => Random.named(seed, `${name} ${part}`);
  const dice = of("network");
  const isBusy = name === "busy";
  const addresses = new Addresses(of("addresses"));
  const site = drawSite(of("site"), addresses);
  const world = drawWorld(of("world"), addresses, isBusy);
  const away = drawAway(of("away"), addresses);
  const actors = drawActors(of("actors"));
  const foes = isBusy ? [] : drawFoes(of("foes"), addresses, actors, {smb: "smb" in site.endpoints});
  const fixed = site.hosts.length + world.hosts.length + 1 + foes.length;
  // Servers and attackers are part of a network's size: people and devices fill it up to 60 hosts.
  const people = Math.max(3, Math.round(logUniform(dice, isBusy ? 16 : 3, 60)) - fixed);
  const lost = Array.from(
    {length: 12},
    () => `${addresses.quarter}.${dice.integer(100, 250)}:${dice.pick([80, 443, 445, 9100, 8080, 5432, 161])}`
  );
  const drawing = {random: of("hosts"), places: world.places, busy: isBusy, lost, addresses, site, actors};
  const large = dice.integer(400_000, 3_000_000);
  const alternatives = {...world.alternatives} as Record<string, (typeof world.alternatives)["http"]>;
  for (const [kind, more] of Object.entries(away.alternatives))
    alternatives[kind] = [...(alternatives[kind] ?? []), ...more];
  return {
    name,
    quarter: addresses.quarter,
    sizes: {
      object: [dice.integer(300, 3000), dice.integer(10_000, 120_000)],
      segment: dice.integer(80_000, 600_000),
      large
    },
    snapLength: dice.pick([128, 256, 256, 384, 512]),
    hosts: [...site.hosts, ...world.hosts, ...away.hosts, ...foes, ...drawHosts(drawing, people)],
    endpoints: {...site.endpoints, ...away.endpoints},
    alternatives
  };
}
