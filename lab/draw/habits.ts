import type {HabitPlan, Place} from "../own/habit.ts";
import type {Random} from "../random.ts";
import {logUniform} from "./addresses.ts";
import type {Places} from "./world.ts";

/** What a role may do, drawn anew for each host. */
export interface Drawing {
  readonly random: Random;
  readonly places: Places;
  /** More of everything where the network is a busy one. */
  readonly busy: boolean;
  /** Addresses of the site where nobody lives, with ports. */
  readonly lost: readonly Place[];
}

type Range = readonly [number, number];

function plan(kind: string, everySeconds: number, jitter: number, rest: Partial<HabitPlan> = {}): HabitPlan {
  return {kind, everySeconds: Math.round(everySeconds * 100) / 100, jitter: Math.round(jitter * 100) / 100, ...rest};
}

const range = (random: Random, low: number, high: number): Range => {
  const least = Math.round(logUniform(random, low, high / 2));
  return [least, Math.round(least * random.uniform(1, 2.5))];
};

/** Software that calls its maker at even times, keeps a line open, and asks for news: what every host has some of. */
export function software({random, places, busy}: Drawing): HabitPlan[] {
  const plans: HabitPlan[] = [];
  const jitter = () => (random.chance(0.5) ? random.uniform(0, 0.1) : random.uniform(0.1, 0.6));
  for (let i = random.integer(0, 3); i > 0; i--) {
    const tls = random.chance(0.7);
    const least = random.integer(40, 900);
    plans.push(
      plan(random.pick(["telemetry", "pollNews"]), logUniform(random, 3, 60), jitter(), {
        to: [random.pick(tls ? places.https : places.http)],
        tls,
        bytes: random.chance(0.5) ? [least, least] : [least, least * 3]
      })
    );
  }
  for (let i = random.integer(0, busy ? 4 : 2); i > 0; i--) {
    const tls = random.chance(0.5);
    const least = random.integer(2, 200);
    plans.push(
      plan("keepAlive", logUniform(random, 2, 40), jitter(), {
        to: [random.pick(tls ? places.pushTls : places.push)],
        tls,
        bytes: random.chance(0.6) ? [least, least] : [least, least * 2],
        seconds: [random.integer(20, 100), 600]
      })
    );
  }
  if (random.chance(0.6))
    plans.push(
      plan("ntp", random.pick([16, 32, 64, 64]), 0.05, {
        to: random.shuffled(places.ntp).slice(0, 4),
        count: [1, random.integer(1, 4)]
      })
    );
  return plans;
}

/** What hosts call out to their neighbours. */
export function neighbours({random}: Drawing): HabitPlan[] {
  const plans = [
    plan("mdns", logUniform(random, 8, 60), 0.5, {count: [1, 3]}),
    plan("ssdp", logUniform(random, 15, 90), 0.3, {count: [1, 4]}),
    plan("llmnr", logUniform(random, 15, 90), 0.6),
    plan("netbios", logUniform(random, 20, 120), 0.5)
  ];
  return plans.filter(() => random.chance(0.5));
}

/** What goes nowhere. */
export function lost({random, places, lost: nobody}: Drawing): HabitPlan[] {
  const plans: HabitPlan[] = [];
  if (random.chance(0.4))
    plans.push(
      plan("retry", logUniform(random, 5, 60), 0.4, {
        to: [random.pick([...places.dead, ...nobody])],
        count: [1, random.integer(1, 5)]
      })
    );
  if (random.chance(0.25))
    plans.push(
      plan("unheard", logUniform(random, 5, 60), 0.4, {
        to: [random.pick(nobody)],
        count: [1, 4],
        bytes: [20, random.integer(40, 900)]
      })
    );
  return plans;
}

/** A person with a browser. */
export function person(drawing: Drawing): HabitPlan[] {
  const {random, places, busy} = drawing;
  const tls = random.chance(0.7);
  const some = <T>(list: readonly T[]) => random.shuffled(list).slice(0, random.integer(3, 20));
  const plans = [...software(drawing), ...neighbours(drawing), ...lost(drawing)];
  const often = busy ? 0.8 : 0.5;
  if (random.chance(often))
    plans.push(
      plan("openPages", logUniform(random, busy ? 3 : 8, busy ? 25 : 60), 0.9, {
        to: some(tls ? places.https : places.http),
        tls,
        count: range(random, 3, 32)
      })
    );
  if (random.chance(often))
    plans.push(
      plan("lookUps", logUniform(random, 3, 40), 0.9, {to: [random.pick(places.dns)], count: range(random, 2, 16)})
    );
  if (random.chance(0.25))
    plans.push(
      plan("datagrams", random.pick([0.02, 0.04, 0.1]), 0.2, {
        to: [random.pick(places.echo)],
        bytes: range(random, 60, 1100),
        seconds: [10, 40]
      })
    );
  if (random.chance(0.2)) plans.push(plan("stun", logUniform(random, 10, 40), 0.3, {to: places.stun, count: [1, 4]}));
  if (random.chance(0.2))
    plans.push(plan("fetchUpdates", logUniform(random, 30, 150), 0.5, {to: some(places.http), count: [1, 4]}));
  if (random.chance(0.15))
    plans.push(
      plan("uploadFile", logUniform(random, 30, 150), 0.5, {
        to: some(places.https),
        tls: true,
        bytes: range(random, 300_000, 4_000_000)
      })
    );
  return plans;
}

/** Hosts that are busy because it is their trade. */
export const trades: Readonly<Record<string, (drawing: Drawing) => HabitPlan[]>> = {
  crawler: ({random, places}) =>
    [
      plan("crawl", random.uniform(1, 15), 0.5, {
        to: random.chance(0.5) ? places.https : places.http,
        tls: false,
        count: [20, random.integer(40, 120)],
        seconds: [random.integer(0, 3), 60]
      }),
      plan("lookUps", 2, 0.9, {to: [random.pick(places.dns)], count: [4, 20]})
    ].map((one) => ({...one, tls: one.to![0].endsWith("443")})),
  console: ({random, places}) => [
    plan("datagrams", random.pick([0.016, 0.033, 0.05]), 0.1, {
      to: [random.pick(places.echo)],
      bytes: [40, 220],
      seconds: [30, 120]
    }),
    plan("stun", 20, 0.2, {to: places.stun, count: [1, 3]})
  ],
  tunnel: ({random, places}) => [
    plan("datagrams", logUniform(random, 0.03, 0.4), 0.9, {
      to: [random.pick(places.echo)],
      bytes: [90, 1300],
      seconds: [100, 400]
    })
  ],
  sharer: ({random, places}) => [
    plan("peers", random.uniform(4, 20), 0.5, {
      to: [...places.echo, ...places.dead, ...places.push],
      count: [10, random.integer(15, 40)]
    })
  ],
  relay: ({random, places}) => [
    plan("relayMail", random.uniform(2, 12), 0.8, {
      to: [random.pick(places.dns), ...places.smtp],
      count: [1, 6],
      bytes: [800, random.integer(4000, 200_000)]
    })
  ],
  backup: ({random, places}) => [
    plan("uploadFile", random.uniform(20, 80), 0.5, {
      to: [random.pick(places.https)],
      tls: true,
      bytes: range(random, 1_500_000, 8_000_000)
    })
  ],
  updater: ({random, places}) => [
    plan("fetchUpdates", random.uniform(10, 60), 0.6, {to: random.shuffled(places.http).slice(0, 4), count: [2, 6]}),
    plan("openPages", random.uniform(8, 30), 0.6, {to: places.https, tls: true, count: [10, 30]})
  ],
  ads: ({random, places}) => [
    plan("openPages", random.uniform(1, 6), 0.9, {to: places.https, tls: true, count: [10, random.integer(20, 40)]}),
    plan("lookUps", random.uniform(1, 4), 0.9, {to: [random.pick(places.dns)], count: [6, 24]})
  ]
};

/** A host that looks after all others. */
export function watching(
  random: Random,
  devices: readonly Place[],
  pages: readonly Place[],
  balanced: readonly Place[]
): HabitPlan[] {
  const plans = [
    plan("monitor", logUniform(random, 5, 30), 0.05, {to: devices, count: [10, 60]}),
    plan("scrape", random.pick([5, 10, 15]), 0.02, {to: pages}),
    plan("snmp", random.pick([10, 30]), 0.05, {to: devices.filter((place) => place.endsWith(":161")), count: [2, 12]}),
    plan("checkHealth", random.pick([1, 2, 5]), 0.02, {to: balanced})
  ];
  return plans.filter(({to}, i) => to!.length > 0 && (i === 0 || random.chance(0.6)));
}

export {plan};
