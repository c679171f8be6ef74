import type {Distance, Endpoint, HostPlan, RareServiceName, Server, ServiceName} from "../configuration.ts";
import type {Place} from "../own/habit.ts";
import type {Random} from "../random.ts";
import {apache, caddy, nginx, own, sshd} from "../servers.ts";
import {type Addresses, endpoint, logUniform} from "./addresses.ts";

/** Distant hosts, what they serve, and where habits find it. */
export interface World {
  readonly hosts: readonly HostPlan[];
  readonly alternatives: Readonly<Partial<Record<ServiceName | RareServiceName, readonly Endpoint[]>>>;
  readonly places: Places;
}

export interface Places {
  readonly http: readonly Place[];
  readonly https: readonly Place[];
  readonly push: readonly Place[];
  readonly pushTls: readonly Place[];
  readonly ntp: readonly Place[];
  readonly dns: readonly Place[];
  readonly stun: readonly Place[];
  readonly echo: readonly Place[];
  readonly smtp: readonly Place[];
  /** Nobody answers there, or somebody refuses. */
  readonly dead: readonly Place[];
}

/** Round trips of 0.2 to 300 ms, most of them between 8 and 120. */
export function drawDistance(random: Random): Distance {
  const delayUs = Math.round(random.chance(0.2) ? logUniform(random, 100, 150_000) : logUniform(random, 4000, 60_000));
  return {
    delayUs,
    jitterUs: Math.round(delayUs * random.uniform(0.005, 0.15)),
    lossPpm: random.chance(0.7) ? random.integer(0, 1500) : random.integer(1500, 12_000),
    hops: random.integer(3, 22)
  };
}

/** Each distant host has many addresses, each with a distance of its own: that many servers to whoever asks. */
export function drawWorld(random: Random, addresses: Addresses, many: boolean): World {
  const hosts: HostPlan[] = [];
  const alternatives: Record<string, Endpoint[]> = {
    http: [],
    https: [],
    dns: [],
    ntp: [],
    smtp: [],
    chat: [],
    ssh: [],
    quic: []
  };
  const places: Record<keyof Places, Place[]> = {
    http: [],
    https: [],
    push: [],
    pushTls: [],
    ntp: [],
    dns: [],
    stun: [],
    echo: [],
    smtp: [],
    dead: []
  };
  const kinds = random.shuffled(["nginx", "caddy", "apache", "own"]).slice(0, random.integer(many ? 2 : 1, 3));
  kinds.forEach((kind, index) => {
    const name = `world${index + 1}`;
    const address = addresses.public();
    const aliases = Array.from({length: random.integer(many ? 12 : 4, many ? 30 : 14)}, () => addresses.public());
    hosts.push({
      name,
      address,
      aliases,
      link: {delayUs: random.integer(100, 4000), jitterUs: random.integer(50, 400), lossPpm: 0, kbit: 200_000},
      distances: Object.fromEntries(aliases.map((alias) => [alias, drawDistance(random)])),
      servers: worldServers(kind)
    });
    const [http, https] = kind === "own" ? [8080, 8443] : [80, 443];
    for (const alias of aliases) {
      const site = `${random.pick(["www", "cdn", "api", "static", "news"])}.${random.word(random.integer(4, 9))}.example`;
      alternatives.http.push(endpoint(name, alias, http, site));
      alternatives.https.push(endpoint(name, alias, https, site));
      if (kind === "caddy") alternatives.quic.push(endpoint(name, alias, 443, site));
      places.http.push(`${alias}:${http}`);
      places.https.push(`${alias}:${https}`);
      const push = random.pick(["push", "pushTls"] as const);
      places[push].push(`${alias}:${push === "push" ? 5222 : 5228}`);
      for (const [kind, port] of [
        ["ntp", 123],
        ["stun", 3478],
        ["echo", 27_015],
        ["dns", 53],
        ["smtp", 25]
      ] as const)
        if (random.chance(0.5)) places[kind].push(`${alias}:${port}`);
    }
    const some = (count: number) => random.shuffled(aliases).slice(0, count);
    for (const alias of some(2)) alternatives.dns.push(endpoint(name, alias, 53, `dns.${random.word(6)}.example`));
    for (const alias of some(3)) alternatives.ntp.push(endpoint(name, alias, 123, `time.${random.word(6)}.example`));
    for (const alias of some(2)) alternatives.smtp.push(endpoint(name, alias, 25, `mx.${random.word(6)}.example`));
    for (const alias of some(2)) alternatives.chat.push(endpoint(name, alias, 6667, `irc.${random.word(6)}.example`));
    if (kind === "own" || random.chance(0.4))
      for (const alias of some(2)) alternatives.ssh.push(endpoint(name, alias, 22, `shell.${random.word(6)}.example`));
    for (let i = 0; i < 4; i++)
      places.dead.push(`${random.pick(aliases)}:${random.pick([81, 8000, 8883, 3306, 587, 995, 5061])}`);
  });
  for (const kind of Object.keys(places) as (keyof Places)[])
    if (places[kind].length === 0)
      places[kind].push(
        `${random.pick(hosts[0].aliases!)}:${{ntp: 123, stun: 3478, echo: 27_015, dns: 53, smtp: 25, push: 5222, pushTls: 5228, http: 80, https: 443, dead: 81}[kind]}`
      );
  return {
    hosts,
    alternatives: Object.fromEntries(Object.entries(alternatives).filter(([, list]) => list.length > 0)),
    places
  };
}

function worldServers(kind: string): Server[] {
  const rest = {ntp: 123, stun: 3478, echo: 27_015, dns: 53, smtp: 25, lines: 6667, push: 5222, "push-tls": 5228};
  if (kind === "nginx") return [nginx(80, 443, 8000), own({http: 8000, ...rest}), sshd(22, 6)];
  if (kind === "apache") return [apache(443, 80), own({http: 80, ...rest}), sshd(22, 4)];
  if (kind === "caddy") return [caddy(80, 443), own(rest), sshd(22, 3)];
  return [own({http: 8080, https: 8443, ...rest}), sshd(22, 6)];
}
