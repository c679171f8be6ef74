import {ftpFetch, ftpSession} from "../actors/files.ts";
import {mail} from "../actors/mail.ts";
import {cache, chat, publish, subscribe} from "../actors/messages.ts";
import {lookUp} from "../actors/names.ts";
import {copyUp, mistypedShell, shell} from "../actors/shell.ts";
import {clock, discover, goneService, monitor, ping} from "../actors/upkeep.ts";
import {
  browseParallel,
  browseSerial,
  download,
  fetchMany,
  logIn,
  poll,
  readPages,
  upload,
  video
} from "../actors/web.ts";
import {beacon, exfiltration} from "../attacks/beacon.ts";
import {medusaFtp, medusaSsh, patatorForm, patatorFtp, patatorSsh, redisLoop} from "../attacks/brute-force.ts";
import {ackFlood, manyAck, manyRequests, manySynData, synDataFlood, udpBigFlood} from "../attacks/flood.ts";
import {slowHeadersTls, slowRead, wrkFlood} from "../attacks/http-dos.ts";
import {banners, fpingSweep, nameGuesses, tlsVersions} from "../attacks/probe.ts";
import {hpingScan, masscan, ncatScan, xmasScan} from "../attacks/scan.ts";
import {curlInject, ffuf, ffufInject, patatorInject} from "../attacks/web.ts";
import type {Actor, Attack, Configuration, Endpoint, HostPlan, Link} from "../configuration.ts";
import {apache, mosquitto, own, redis, sshd} from "../servers.ts";

const link = (delayUs: number, jitterUs: number, lossPpm: number, kbit: number): Link => ({
  delayUs,
  jitterUs,
  lossPpm,
  kbit
});

const actors: readonly (readonly [Actor, number])[] = [
  [browseSerial, 12],
  [browseParallel, 3],
  [readPages, 5],
  [lookUp, 10],
  [logIn, 2],
  [poll, 4],
  [video, 3],
  [download, 1.5],
  [upload, 1.5],
  [fetchMany, 0.7],
  [shell, 4],
  [mistypedShell, 0.7],
  [copyUp, 2],
  [ftpFetch, 1],
  [ftpSession, 2],
  [mail, 4],
  [publish, 3],
  [subscribe, 2],
  [cache, 3],
  [chat, 3],
  [ping, 2],
  [clock, 4],
  [goneService, 1.5],
  [monitor, 1],
  [discover, 1.5]
];
const use = (workers: number) => ({actors, workers, think: [0.9, 1.1] as const});

const [web, infra, away] = ["172.29.5.8", "172.29.5.33", "172.29.77.5"];
const at = (host: string, address: string, port: number, ...names: string[]): Endpoint => ({
  host,
  address,
  port,
  names
});

const mixed: readonly (readonly Attack[])[] = [
  [masscan, medusaSsh, ffuf, banners, synDataFlood, hpingScan],
  [ncatScan, patatorFtp, curlInject, tlsVersions, ackFlood, fpingSweep],
  [xmasScan, patatorSsh, ffufInject, nameGuesses, slowRead, wrkFlood, redisLoop],
  [masscan, medusaFtp, patatorInject, patatorForm, slowHeadersTls, udpBigFlood, banners]
];

const clients: HostPlan[] = [
  link(800, 100, 0, 80_000),
  link(4000, 800, 300, 30_000),
  link(9000, 3000, 2000, 12_000),
  link(33_000, 8000, 3000, 30_000)
].map((link, i) => ({
  name: `desk${i + 1}`,
  address: `172.29.6.${30 + i * 13}`,
  ...(i % 2 === 1 && {address6: `2001:db8:b::${30 + i}`}),
  link,
  use: use(3)
}));

const attackers: HostPlan[] = mixed.map((list, i) => ({
  name: `outer${i + 1}`,
  address: `172.29.6.${120 + i * 17}`,
  link: link([600, 5000, 18_000, 40_000][i], [100, 800, 3000, 6000][i], i === 3 ? 3000 : 0, 30_000),
  use: use(1),
  attacks: {list, gap: [3, 10]}
}));

const bots: HostPlan[] = [
  beacon("beacon-b1", [
    {over: "https", everySeconds: 4, jitter: 0.5, bytes: 90},
    {over: "raw", everySeconds: 3, jitter: 0.4, bytes: 30, messages: 3}
  ]),
  beacon("beacon-b2", [
    {over: "http", everySeconds: 3, jitter: 0.4, bytes: 120},
    {over: "dns", everySeconds: 3, jitter: 0.2, bytes: 18}
  ])
].map((attack, i) => ({
  name: `zombie${i + 1}`,
  address: `172.29.6.${210 + i * 8}`,
  link: link([1200, 14_000][i], [300, 2500][i], 500, 25_000),
  use: use(1),
  background: [attack]
}));

/** Test traffic: other servers, ports, tools, sizes, think times and links than configuration A. */
export const b: Configuration = {
  name: "b",
  quarter: "172.29.40",
  sizes: {object: [900, 90_000], segment: 450_000, large: 1_800_000},
  hosts: [
    {
      name: "web",
      address: web,
      address6: "2001:db8:b::8",
      link: link(500, 120, 0, 150_000),
      servers: [own({http: 8080, ftp: 2121}), apache(8443, 8080), sshd(2222, 6)]
    },
    {
      name: "infra",
      address: infra,
      routes: "172.29.40.0/24",
      aliases: ["172.29.40.1", "172.29.40.2", "172.29.40.17", "172.29.40.30", "172.29.40.44", "172.29.40.90"],
      link: link(700, 150, 0, 150_000),
      servers: [redis(6380, "Lab-pass1"), mosquitto(1884), own({dns: 53, smtp: 2525, lines: 5222, ntp: 123})]
    },
    {
      name: "away",
      address: away,
      link: link(30_000, 3000, 400, 30_000),
      servers: [own({http: 8000, https: 9443, lines: 443, dns: 53})]
    },
    ...clients,
    ...attackers,
    ...bots,
    {
      name: "leaver",
      address: "172.29.6.240",
      link: link(2500, 400, 0, 30_000),
      use: use(1),
      background: [
        exfiltration("exfiltration-b", [
          {over: "http", bytes: [15_000, 90_000, 300_000], everySeconds: 2.5},
          {over: "raw", bytes: [30_000, 150_000, 500_000], everySeconds: 4},
          {over: "dns", bytes: [25, 35, 55], everySeconds: 4}
        ])
      ]
    },
    {
      name: "herd",
      address: "172.29.8.1",
      aliases: Array.from({length: 20}, (_, i) => `172.29.8.${12 + i * 7}`),
      link: link(15_000, 6000, 2000, 30_000),
      use: use(1),
      attacks: {list: [manyAck, manySynData, manyRequests], gap: [6, 14]}
    }
  ],
  endpoints: {
    http: at("web", web, 8080, "portal.b.example", "cdn.b.example"),
    https: at("web", web, 8443, "portal.b.example", "login.b.example", "media.b.example"),
    ssh: at("web", web, 2222, "jump.b.example"),
    ftp: at("web", web, 2121, "drop.b.example"),
    dns: at("infra", infra, 53, "dns1.b.example"),
    smtp: at("infra", infra, 2525, "smtp.b.example"),
    redis: at("infra", infra, 6380, "kv.b.example"),
    mqtt: at("infra", infra, 1884, "iot.b.example"),
    chat: at("infra", infra, 5222, "talk.b.example"),
    ntp: at("infra", infra, 123, "clock.b.example"),
    "c2-http": at("away", away, 8000, "telemetry.away.example"),
    "c2-https": at("away", away, 9443, "telemetry.away.example"),
    "c2-raw": at("away", away, 443, "telemetry.away.example"),
    "c2-dns": at("away", away, 53, "telemetry.away.example")
  }
};
