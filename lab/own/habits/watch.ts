import {spawn} from "node:child_process";
import {setTimeout as sleep} from "node:timers/promises";
import {type Habit, host, within} from "../habit.ts";
import {askDevice} from "./asks.ts";
import {dial} from "./long.ts";
import {ask} from "./web.ts";

/** Looks after many hosts in turn: a ping, a port, a device's numbers, a page. Much like a sweep, and harmless. */
export const monitor: Habit = async ({to, count}, self) => {
  const {random} = self;
  const addresses = [...new Set(to!.map(host))];
  await ping(random.shuffled(addresses).slice(0, within(random, count, 20)));
  for (const place of to!) {
    const udp = place.endsWith(":161");
    if (udp) await askDevice(place, 3, self);
    else if (place.endsWith(":80") && random.chance(0.6)) await ask(place, {path: "/", userAgent: "check_http/2.3"});
    else (await dial(place, false, 1500))?.end();
    await sleep(random.uniform(1, 60));
  }
};

function ping(addresses: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn("fping", ["-q", "-r", "1", "-t", "300", "-i", "20", ...addresses], {stdio: "ignore"});
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
}

/** Fetches figures of many hosts, all within a second or two. */
export const scrape: Habit = async ({to}, {random}) => {
  await Promise.all(
    to!.map(async (place) => {
      await sleep(random.uniform(0, 2000));
      await ask(place, {path: "/app/api", userAgent: "Prometheus/2.42.0"});
    })
  );
};

/** A balancer asks its few servers every other second whether they live. */
export const checkHealth: Habit = async ({to}) => {
  for (const place of to!) (await dial(place, false, 1500))?.end();
};
