import {ftpFetch} from "../actors/files.ts";
import {mail} from "../actors/mail.ts";
import {cache, chat, publish, subscribe} from "../actors/messages.ts";
import {lookUp} from "../actors/names.ts";
import {copyDown, mistypedShell, shell} from "../actors/shell.ts";
import {clock, discover, goneService, monitor, ping} from "../actors/upkeep.ts";
import {browseParallel, download, fetchMany, logIn, poll, readPages, upload, video} from "../actors/web.ts";
import {beacon, exfiltration} from "../attacks/beacon.ts";
import {hydraBasic, hydraForm, hydraFtp, hydraRedis, hydraSsh} from "../attacks/brute-force.ts";
import {icmpFlood, manyIcmp, manyRequests, manySyn, manyUdp, synFlood, udpFlood} from "../attacks/flood.ts";
import {abFlood, slowBody, slowHeaders} from "../attacks/http-dos.ts";
import {nmapSweep, pingSweep, scripts, system, versions, versionsMore} from "../attacks/probe.ts";
import {connectScan, finScan, slowScan, synScan, topScan, udpScan} from "../attacks/scan.ts";
import {dirb, gobuster, gobusterTls, nmapHttp, sqlmapItem, sqlmapLogin, sqlmapSearch} from "../attacks/web.ts";
import type {Actor, Attack, Configuration, Endpoint, HostPlan, Link} from "../configuration.ts";
import {dnsmasq, mosquitto, nginx, own, redis, sshd, vsftpd} from "../servers.ts";

const link = (delayUs: number, jitterUs: number, lossPpm: number, kbit: number): Link => ({
  delayUs,
  jitterUs,
  lossPpm,
  kbit
});

const actors: readonly (readonly [Actor, number])[] = [
  [browseParallel, 10],
  [readPages, 6],
  [lookUp, 12],
  [logIn, 3],
  [poll, 3],
  [video, 2],
  [download, 1],
  [upload, 2],
  [fetchMany, 1],
  [shell, 3],
  [mistypedShell, 1],
  [copyDown, 2],
  [ftpFetch, 3],
  [mail, 3],
  [publish, 4],
  [subscribe, 1],
  [cache, 4],
  [chat, 2],
  [ping, 3],
  [clock, 3],
  [goneService, 2],
  [monitor, 1.5],
  [discover, 1]
];
const use = (workers: number) => ({actors, workers, think: [0.5, 1] as const});

const [web, infra, away] = ["10.77.1.10", "10.77.1.20", "10.77.9.40"];
const at = (host: string, address: string, port: number, ...names: string[]): Endpoint => ({
  host,
  address,
  port,
  names
});

/** Every attacker runs several classes, in turns with ordinary use: a host's role must not give its class away. */
const mixed: readonly (readonly Attack[])[] = [
  [synScan, hydraSsh, sqlmapItem, versions, synFlood, topScan, nmapSweep],
  [connectScan, hydraFtp, dirb, scripts, icmpFlood, abFlood, pingSweep],
  [udpScan, hydraForm, sqlmapSearch, versionsMore, udpFlood, slowHeaders, slowScan],
  [finScan, hydraBasic, gobusterTls, system, slowBody, hydraRedis, gobuster],
  [synScan, hydraSsh, sqlmapLogin, nmapHttp, abFlood, connectScan, nmapSweep]
];

const clients: HostPlan[] = [
  link(300, 50, 0, 100_000),
  link(2000, 500, 0, 50_000),
  link(6000, 2000, 500, 20_000),
  link(12_000, 5000, 3000, 20_000),
  link(25_000, 2000, 500, 50_000)
].map((link, i) => ({
  name: `client${i + 1}`,
  address: `10.77.2.${11 + i * 7}`,
  ...(i % 2 === 0 && {address6: `2001:db8:a::${11 + i}`}),
  link,
  use: use(3)
}));

const attackers: HostPlan[] = mixed.map((list, i) => ({
  name: `mixed${i + 1}`,
  address: `10.77.2.${101 + i * 9}`,
  link: link([400, 3000, 15_000, 30_000, 1000][i], [50, 500, 3000, 2000, 200][i], i === 2 ? 2000 : 0, 50_000),
  use: use(1),
  attacks: {list, gap: [2, 9]}
}));

const bots: HostPlan[] = [
  beacon("beacon-a1", [
    {over: "http", everySeconds: 2, jitter: 0.2, bytes: 200},
    {over: "https", everySeconds: 3, jitter: 0.3, bytes: 300}
  ]),
  beacon("beacon-a2", [
    {over: "raw", everySeconds: 1.5, jitter: 0.2, bytes: 40, messages: 4},
    {over: "http", everySeconds: 5, jitter: 0.1, bytes: 60}
  ]),
  beacon("beacon-a3", [
    {over: "dns", everySeconds: 2, jitter: 0.3, bytes: 24},
    {over: "https", everySeconds: 6, jitter: 0.1, bytes: 900}
  ])
].map((attack, i) => ({
  name: `bot${i + 1}`,
  address: `10.77.2.${201 + i * 11}`,
  link: link([800, 9000, 20_000][i], [100, 2000, 1000][i], 300, 30_000),
  use: use(1),
  background: [attack]
}));

/** Training traffic: a flat network on the usual ports, nmap, hydra, sqlmap, hping3. */
export const a: Configuration = {
  name: "a",
  quarter: "10.77.4",
  sizes: {object: [2000, 60_000], segment: 300_000, large: 2_500_000},
  hosts: [
    {
      name: "web",
      address: web,
      address6: "2001:db8:a::10",
      link: link(300, 60, 0, 200_000),
      servers: [nginx(80, 443, 8000), own({http: 8000}), sshd(22, 3), vsftpd(21)]
    },
    {
      name: "infra",
      address: infra,
      routes: "10.77.4.0/24",
      aliases: ["10.77.4.1", "10.77.4.4", "10.77.4.9", "10.77.4.23", "10.77.4.31", "10.77.4.57"],
      link: link(200, 40, 0, 200_000),
      servers: [dnsmasq(53), redis(6379, "Lab-pass1"), mosquitto(1883), own({smtp: 25, lines: 6667, ntp: 123})]
    },
    {
      name: "away",
      address: away,
      link: link(18_000, 1500, 200, 50_000),
      servers: [own({http: 80, https: 443, lines: 4444, dns: 53})]
    },
    ...clients,
    ...attackers,
    ...bots,
    {
      name: "insider",
      address: "10.77.2.240",
      link: link(1500, 300, 0, 40_000),
      use: use(1),
      background: [
        exfiltration("exfiltration-a", [
          {over: "https", bytes: [20_000, 60_000, 200_000, 600_000], everySeconds: 1.5},
          {over: "raw", bytes: [20_000, 100_000, 400_000], everySeconds: 3},
          {over: "dns", bytes: [40, 60, 80], everySeconds: 3}
        ])
      ]
    },
    {
      name: "swarm",
      address: "10.77.3.1",
      aliases: Array.from({length: 24}, (_, i) => `10.77.3.${10 + i * 5}`),
      link: link(10_000, 4000, 1000, 50_000),
      use: use(1),
      attacks: {list: [manySyn, manyUdp, manyIcmp, manyRequests], gap: [5, 12]}
    }
  ],
  endpoints: {
    http: at("web", web, 80, "www.a.example", "img.a.example", "blog.a.example"),
    https: at("web", web, 443, "www.a.example", "shop.a.example", "api.a.example"),
    ssh: at("web", web, 22, "shell.a.example"),
    ftp: at("web", web, 21, "files.a.example"),
    dns: at("infra", infra, 53, "ns.a.example"),
    smtp: at("infra", infra, 25, "mx.a.example"),
    redis: at("infra", infra, 6379, "cache.a.example"),
    mqtt: at("infra", infra, 1883, "broker.a.example"),
    chat: at("infra", infra, 6667, "chat.a.example"),
    ntp: at("infra", infra, 123, "time.a.example"),
    "c2-http": at("away", away, 80, "update.away.example"),
    "c2-https": at("away", away, 443, "update.away.example"),
    "c2-raw": at("away", away, 4444, "update.away.example"),
    "c2-dns": at("away", away, 53, "update.away.example")
  }
};
