import type {Endpoint, HostPlan, Link, RareServiceName, Server, ServiceName} from "../configuration.ts";
import type {Random} from "../random.ts";
import {apache, caddy, dnsmasq, gitDaemon, mosquitto, nginx, own, redis, samba, sshd, vsftpd} from "../servers.ts";
import {type Addresses, endpoint, nearLink} from "./addresses.ts";
import {drawDistance} from "./world.ts";

/** The site's own servers. */
export interface Site {
  readonly hosts: readonly HostPlan[];
  readonly endpoints: Readonly<Record<Exclude<ServiceName, `c2-${string}`>, Endpoint>> &
    Readonly<Partial<Record<RareServiceName, Endpoint>>>;
}

const servant = (random: Random): Link => ({...nearLink(random), lossPpm: 0, kbit: 200_000});

/** A web server, a host with the small services, and perhaps a store, a proxy and a resolver of their own. */
export function drawSite(random: Random, addresses: Addresses): Site {
  const domain = `${random.word(random.integer(4, 8))}.example`;
  const [web, infra, store] = [addresses.own(), addresses.own(), addresses.own()];
  const usual = random.chance(0.7);
  const [http, https] = usual
    ? [80, 443]
    : random.pick([[8080, 8443] as const, [8000, 9443] as const, [3000, 4443] as const]);
  const ssh = random.pick([22, 22, 22, 2222]);
  const ftp = random.pick([21, 21, 2121]);
  const [smtp, chat, cache, broker] = [
    random.pick([25, 587, 2525]),
    random.pick([6667, 5222, 7000]),
    random.pick([6379, 6380]),
    random.pick([1883, 1884])
  ];
  const resolver = random.pick(["dnsmasq", "dns", "forward"]);
  const v6 = random.chance(0.5) ? `2001:db8:${random.integer(1, 9999)}` : undefined;
  const quarterAliases = random.shuffled(Array.from({length: 90}, (_, i) => i + 1)).slice(0, random.integer(3, 14));
  const small = {smtp, lines: chat, ntp: 123, sip: 5060, snmp: 161};
  const hosts: HostPlan[] = [
    {
      name: "web",
      address: web,
      ...(v6 && {address6: `${v6}::10`}),
      link: servant(random),
      servers: webServers(random, http, https, ssh, ftp)
    },
    {
      name: "infra",
      address: infra,
      routes: `${addresses.quarter}.0/24`,
      aliases: quarterAliases.map((last) => `${addresses.quarter}.${last}`),
      link: servant(random),
      servers: [
        ...(resolver === "dnsmasq" ? [dnsmasq(53), own(small)] : [own({...small, [resolver]: 53})]),
        redis(cache, "Lab-pass1"),
        mosquitto(broker)
      ]
    }
  ];
  const endpoints: Record<string, Endpoint> = {
    http: endpoint("web", web, http, `www.${domain}`, `intranet.${domain}`),
    https: endpoint("web", web, https, `www.${domain}`, `shop.${domain}`, `login.${domain}`),
    ssh: endpoint("web", web, ssh, `shell.${domain}`),
    ftp: endpoint("web", web, ftp, `files.${domain}`),
    dns: endpoint("infra", infra, 53, `ns.${domain}`),
    smtp: endpoint("infra", infra, smtp, `mx.${domain}`),
    redis: endpoint("infra", infra, cache, `cache.${domain}`),
    mqtt: endpoint("infra", infra, broker, `broker.${domain}`),
    chat: endpoint("infra", infra, chat, `chat.${domain}`),
    ntp: endpoint("infra", infra, 123, `time.${domain}`)
  };
  if (random.chance(0.75)) {
    hosts.push({
      name: "store",
      address: store,
      link: servant(random),
      servers: [samba(), own({sink: 9101, snmp: 161}), gitDaemon(9418), sshd(22, 6)]
    });
    endpoints.smb = endpoint("store", store, 445, `store.${domain}`);
    endpoints.git = endpoint("store", store, 9418, `git.${domain}`);
  }
  if (random.chance(0.4)) {
    const proxy = addresses.own();
    hosts.push({name: "proxy", address: proxy, link: servant(random), servers: [own({proxy: 3128})]});
    endpoints.proxy = endpoint("proxy", proxy, 3128, `proxy.${domain}`);
  }
  return {hosts, endpoints: endpoints as Site["endpoints"]};
}

function webServers(random: Random, http: number, https: number, ssh: number, ftp: number): Server[] {
  const ftpServer = random.chance(0.5);
  const rest: Record<string, number> = ftpServer ? {} : {ftp};
  const more = [sshd(ssh, random.integer(3, 6)), ...(ftpServer ? [vsftpd(ftp)] : [])];
  const kind = random.pick(["nginx", "apache", "caddy", "own"]);
  if (kind === "nginx") return [nginx(http, https, 8001), own({http: 8001, ...rest}), ...more];
  if (kind === "apache") return [apache(https, http), own({http, ...rest}), ...more];
  if (kind === "caddy" && !ftpServer) return [caddy(http, https), own(rest), ...more];
  return [own({http, https, ...rest}), ...more];
}

/** Where bots call home and data go: as far as ordinary servers are, and with ordinary services beside. */
export function drawAway(
  random: Random,
  addresses: Addresses
): {
  hosts: HostPlan[];
  endpoints: Record<`c2-${"http" | "https" | "raw" | "dns"}`, Endpoint>;
  alternatives: Record<string, Endpoint[]>;
} {
  const address = addresses.public();
  const aliases = Array.from({length: random.integer(5, 12)}, () => addresses.public());
  const [http, https, raw] = [
    random.pick([80, 80, 8080, 8000]),
    random.pick([443, 443, 8443, 9443]),
    random.pick([4444, 1337, 8888, 5555, 3333, 7777])
  ];
  const host: HostPlan = {
    name: "away",
    address,
    aliases,
    link: {delayUs: random.integer(100, 2000), jitterUs: 200, lossPpm: 0, kbit: 100_000},
    distances: Object.fromEntries(aliases.map((alias) => [alias, drawDistance(random)])),
    servers: [own({http, https, lines: raw, dns: 53})]
  };
  const at = (index: number, port: number) => endpoint("away", aliases[index], port, `${random.word(7)}.away.example`);
  const ordinary = aliases.slice(4);
  return {
    hosts: [host],
    endpoints: {"c2-http": at(0, http), "c2-https": at(1, https), "c2-raw": at(2, raw), "c2-dns": at(3, 53)},
    alternatives: {
      http: ordinary.map((alias) => endpoint("away", alias, http, `www.${random.word(7)}.example`)),
      https: ordinary.map((alias) => endpoint("away", alias, https, `www.${random.word(7)}.example`)),
      chat: ordinary.slice(0, 2).map((alias) => endpoint("away", alias, raw, `irc.${random.word(7)}.example`)),
      dns: ordinary.slice(0, 2).map((alias) => endpoint("away", alias, 53, `ns.${random.word(7)}.example`))
    }
  };
}
