import {ftpFetch} from "../actors/files.ts";
import {mail} from "../actors/mail.ts";
import {cache, chat, publish, subscribe} from "../actors/messages.ts";
import {lookUp} from "../actors/names.ts";
import {copyDown, mistypedShell, shell} from "../actors/shell.ts";
import {clock, discover, goneService, monitor, ping} from "../actors/upkeep.ts";
import {browseParallel, browseSerial, logIn, poll, readPages, video} from "../actors/web.ts";
import {beacon} from "../attacks/beacon.ts";
import {hydraSsh} from "../attacks/brute-force.ts";
import {synScan} from "../attacks/scan.ts";
import type {Actor, Configuration, Endpoint, Link} from "../configuration.ts";
import {dnsmasq, mosquitto, nginx, own, redis, sshd, vsftpd} from "../servers.ts";

const lan: Link = {delayUs: 150, jitterUs: 80, lossPpm: 0, kbit: 100_000};
const wifi: Link = {delayUs: 1800, jitterUs: 1500, lossPpm: 800, kbit: 40_000};
const far = (delayUs: number): Link => ({delayUs, jitterUs: 900, lossPpm: 200, kbit: 50_000});

const actors: readonly (readonly [Actor, number])[] = [
  [browseParallel, 10],
  [browseSerial, 5],
  [readPages, 5],
  [lookUp, 8],
  [logIn, 2],
  [poll, 2],
  [video, 1],
  [shell, 1.5],
  [mistypedShell, 0.5],
  [copyDown, 0.6],
  [ftpFetch, 1],
  [mail, 2],
  [publish, 2],
  [subscribe, 1],
  [cache, 0.7],
  [chat, 1],
  [ping, 1.5],
  [clock, 2],
  [goneService, 1],
  [monitor, 0.7],
  [discover, 1]
];

const use = (workers: number) => ({actors, workers, think: [4, 0.9] as const});

const at = (host: string, address: string, port: number, ...names: string[]): Endpoint => ({
  host,
  address,
  port,
  names
});
const [web, files, hub, cloud] = ["198.51.100.20", "192.168.10.5", "192.168.10.2", "203.0.113.66"];

/** A small office: a scan, a brute force and a bot among people at work. */
export const demo: Configuration = {
  name: "demo",
  quarter: "192.168.20",
  sizes: {object: [800, 9000], segment: 24_000, large: 90_000},
  hosts: [
    {
      name: "web",
      address: web,
      address6: "2001:db8:20::20",
      link: far(9000),
      servers: [nginx(80, 443, 8000), own({http: 8000})]
    },
    {name: "files", address: files, link: lan, servers: [sshd(22, 3), vsftpd(21)]},
    {
      name: "hub",
      address: hub,
      routes: "192.168.20.0/24",
      aliases: ["192.168.20.1"],
      link: lan,
      servers: [dnsmasq(53), redis(6379, "Lab-pass1"), mosquitto(1883), own({smtp: 25, lines: 6667, ntp: 123})]
    },
    {name: "cloud", address: cloud, link: far(24_000), servers: [own({http: 80})]},
    {name: "anna", address: "192.168.10.21", address6: "2001:db8:10::21", link: lan, use: use(2)},
    {name: "ben", address: "192.168.10.22", address6: "2001:db8:10::22", link: wifi, use: use(1)},
    {name: "carla", address: "192.168.10.23", link: wifi, use: use(2)},
    {
      name: "dmitri",
      address: "192.168.10.24",
      link: lan,
      use: use(1),
      background: [beacon("beacon-http", [{over: "http", everySeconds: 8, jitter: 0.12, bytes: 220}])]
    },
    {
      name: "guest",
      address: "192.168.10.77",
      link: wifi,
      use: {actors: actors.slice(0, 5), workers: 1, think: [3, 0.8]},
      attacks: {list: [{...synScan, plan: () => scanFiles()}, hydraSsh], gap: [10, 20], at: [70, 135]}
    }
  ],
  endpoints: {
    http: at("web", web, 80, "www.shop.example", "news.example", "static.shop.example"),
    https: at("web", web, 443, "www.shop.example", "mail.example", "video.example", "api.shop.example"),
    ssh: at("files", files, 22, "files.office.example"),
    ftp: at("files", files, 21, "files.office.example"),
    dns: at("hub", hub, 53, "hub.office.example"),
    smtp: at("hub", hub, 25, "mx.office.example"),
    redis: at("hub", hub, 6379, "cache.office.example"),
    mqtt: at("hub", hub, 1883, "broker.office.example"),
    chat: at("hub", hub, 6667, "chat.office.example"),
    ntp: at("hub", hub, 123, "time.office.example"),
    "c2-http": at("cloud", cloud, 80, "cdn-status.example"),
    "c2-https": at("cloud", cloud, 443, "cdn-status.example"),
    "c2-raw": at("cloud", cloud, 4444, "cdn-status.example"),
    "c2-dns": at("cloud", cloud, 53, "cdn-status.example")
  }
};

/** Low ports of the file server, so that open and closed ones answer. */
function scanFiles() {
  return {
    commands: [["nmap", "-n", "-Pn", "-sS", "-T4", "--max-retries", "1", "--max-rate", "60", "-p", "1-300", files]],
    seconds: 30,
    to: [files]
  };
}
