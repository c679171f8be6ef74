import {browseByProxy, browseQuic, browseWide, deadSite, loadTest, mirror, trace} from "../actors/distance.ts";
import {ftpFetch, ftpSession} from "../actors/files.ts";
import {mail} from "../actors/mail.ts";
import {cache, chat, publish, subscribe} from "../actors/messages.ts";
import {lookUp} from "../actors/names.ts";
import {clone, share} from "../actors/shares.ts";
import {copyDown, copyUp, mistypedShell, shell} from "../actors/shell.ts";
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
import type {Actor, HostPlan, Resident} from "../configuration.ts";
import type {HabitPlan, Place} from "../own/habit.ts";
import type {Random} from "../random.ts";
import {type FramesPlan, frames, life} from "../residents.ts";
import {own} from "../servers.ts";
import {type Addresses, logUniform, nearLink} from "./addresses.ts";
import {type Drawing, neighbours, person, plan, software, trades, watching} from "./habits.ts";
import type {Site} from "./site.ts";
import {drawStack} from "./stacks.ts";

type Actors = readonly (readonly [Actor, number])[];

const everyActor: Actors = [
  [browseParallel, 10],
  [browseSerial, 8],
  [readPages, 6],
  [browseWide, 4],
  [browseQuic, 4],
  [browseByProxy, 6],
  [mirror, 1],
  [lookUp, 10],
  [logIn, 3],
  [poll, 2],
  [video, 2],
  [download, 1.5],
  [upload, 2],
  [fetchMany, 1],
  [loadTest, 1],
  [shell, 3],
  [mistypedShell, 1],
  [copyDown, 1.5],
  [copyUp, 1.5],
  [ftpFetch, 2],
  [ftpSession, 2],
  [mail, 3],
  [publish, 2],
  [subscribe, 1],
  [cache, 2],
  [chat, 2],
  [share, 3],
  [clone, 2],
  [ping, 2],
  [clock, 2],
  [goneService, 2],
  [deadSite, 2],
  [monitor, 1],
  [discover, 1.5],
  [trace, 0.5]
];

/** What people of this network do: some of everything, each about as often as the dice say. */
export function drawActors(random: Random): Actors {
  const some = everyActor.filter(() => random.chance(0.65));
  return [...some, [lookUp, 6] as const, [browseParallel, 5] as const].map(
    ([actor, weight]) => [actor, Math.round(100 * weight * logUniform(random, 0.4, 2.5)) / 100] as const
  );
}

export interface HostDrawing extends Drawing {
  readonly addresses: Addresses;
  readonly site: Site;
  readonly actors: Actors;
}

/** The site's hosts that nobody attacks from: people, devices, and hosts that are busy because it is their trade. */
export function drawHosts(drawing: HostDrawing, count: number): HostPlan[] {
  const {random, busy} = drawing;
  const hosts: HostPlan[] = [];
  const phones: Place[] = [];
  const cameras: Place[] = [];
  const devices: Place[] = [];
  const roles = Array.from({length: count}, () =>
    random.weighted([
      ["person", busy ? 8 : 12],
      ["mobile", 4],
      ["device", 3],
      ["camera", 1.5],
      ["phone", 1.5],
      ["sensor", 2],
      ["trade", busy ? 6 : 2]
    ])
  );
  roles.forEach((role, i) => {
    const made = host(role, `${role.slice(0, 6)}${i + 1}`, drawing);
    hosts.push(made);
    if (role === "phone") phones.push(`${made.address}:16384`);
    if (role === "camera") cameras.push(`${made.address}:554`);
    if (role === "device") devices.push(`${made.address}:161`, `${made.address}:9100`);
    else if (random.chance(0.5)) devices.push(`${made.address}:${random.pick([22, 80, 9100, 443])}`);
  });
  const more: HostPlan[] = [];
  const add = (name: string, plans: readonly HabitPlan[], residents: readonly Resident[] = []) =>
    more.push({
      name,
      address: drawing.addresses.own(),
      link: nearLink(random),
      residents: [...(plans.length > 0 ? [life(plans)] : []), ...residents]
    });
  for (const [i, one] of hosts.entries())
    if (one.name.startsWith("phone")) hosts[i] = {...one, residents: [life(telephone(drawing, one, phones))]};
  if (cameras.length > 0)
    add(
      "recorder",
      cameras.map((camera) => plan("watchCamera", 5, 0.2, {to: [camera], seconds: [60, 400]}))
    );
  const {http, https, ssh, smtp} = drawing.site.endpoints;
  if (busy || random.chance(0.6)) {
    const servers = [http, https, ssh, smtp].map(({address, port}) => `${address}:${port}`);
    const all = random.shuffled([
      ...devices,
      ...servers,
      ...drawing.places.https.slice(0, 8),
      ...drawing.lost.slice(0, 3)
    ]);
    add(
      "watcher",
      watching(random, all, [`${http.address}:${http.port}`, ...drawing.places.http.slice(0, busy ? 40 : 12)], servers)
    );
  }
  add("router", [], [frames(routing(random))]);
  const router = more.at(-1)!.address;
  return [...hosts, ...more].map((one, i) =>
    i % 3 === 0 && one.name !== "router"
      ? {
          ...one,
          residents: [
            ...(one.residents ?? []),
            frames({dhcp: "client", ...(random.chance(0.3) && {sctp: router}), everySeconds: random.uniform(15, 60)})
          ]
        }
      : one
  );
}

/** Registers, calls the site's other telephones and one outside, sets its clock. */
function telephone({random, places, site}: HostDrawing, {address}: HostPlan, phones: readonly Place[]): HabitPlan[] {
  const exchange = `${site.endpoints.smtp.address}:5060`;
  const others = phones.filter((place) => !place.startsWith(`${address}:`));
  return [
    plan("register", random.uniform(10, 50), 0.1, {to: [exchange]}),
    plan("phoneCall", random.uniform(30, 120), 0.8, {
      to: [exchange, ...others, ...places.echo.slice(0, 1)],
      seconds: [5, random.integer(10, 40)]
    }),
    plan("ntp", 64, 0.1, {to: places.ntp.slice(0, 1)})
  ];
}

/** What the site's router says to its neighbours; it hands out addresses and ends SCTP associations. */
function routing(random: Random): FramesPlan {
  const kinds = ["advertise", "pim", "igmp", "vrrp", "ospf", "hsrp", "eigrp"] as const;
  return {
    router: kinds.filter(() => random.chance(0.4)),
    dhcp: "server",
    sctpServer: true,
    everySeconds: random.pick([5, 10, 30])
  };
}

function host(role: string, name: string, drawing: HostDrawing): HostPlan {
  const {random, addresses, actors, busy} = drawing;
  const base = {
    name,
    address: addresses.own(),
    link: nearLink(random),
    stack: drawStack(random),
    ...(random.chance(0.15) && {mtu: random.pick([1280, 1400, 1454, 1492])})
  };
  const think = logUniform(random, busy ? 1 : 2, busy ? 8 : 40);
  const phases = random.integer(1, 4);
  const pace = Array.from({length: phases}, (_, i) => [(i + 1) / phases, logUniform(random, 0.3, 4)] as const);
  const use = (share: number) => ({
    actors,
    workers: random.integer(1, share),
    think: [Math.round(think * 10) / 10, random.uniform(0.6, 1.2)] as const,
    pace
  });
  const living = (...plans: HabitPlan[]) => (plans.length > 0 ? {residents: [life(plans)]} : {});
  if (role === "person") {
    const v6 = random.chance(0.25) ? {address6: `2001:db8:77::${random.integer(0x100, 0xfff0).toString(16)}`} : {};
    return {...base, ...v6, use: use(busy ? 3 : 2), ...living(...person(drawing))};
  }
  if (role === "mobile") return {...base, ...living(...software(drawing), ...software(drawing), ...person(drawing))};
  if (role === "device")
    return {
      ...base,
      servers: [own({sink: 9100, snmp: 161, http: 80})],
      ...living(...neighbours(drawing), ...software(drawing))
    };
  if (role === "camera") return {...base, servers: [own({stream: 554, http: 80})], ...living(...software(drawing))};
  if (role === "phone") return {...base, servers: [own({echo: 16_384})]};
  if (role === "sensor")
    return {
      ...base,
      use: {
        actors: [
          [publish, 3],
          [clock, 1],
          [ping, 0.3]
        ],
        workers: 1,
        think: [think, 0.3]
      },
      ...living(
        ...software(drawing),
        plan("report", logUniform(random, 2, 30), 0.3, {
          to: [`${drawing.site.endpoints.smtp.address}:514`],
          count: [1, 8],
          bytes: [30, 300]
        })
      )
    };
  const trade = random.pick(Object.keys(trades));
  const inside: HabitPlan[] = [];
  const {smb} = drawing.site.endpoints;
  if (smb && random.chance(0.5))
    inside.push(
      plan("sendFile", random.uniform(20, 90), 0.5, {
        to: [`${smb.address}:9101`],
        bytes: [400_000, random.integer(1_000_000, 9_000_000)],
        count: [200, 900]
      })
    );
  return {...base, ...living(...trades[trade](drawing), ...software(drawing), ...inside)};
}
