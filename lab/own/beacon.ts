import {setTimeout as sleep} from "node:timers/promises";
import type {BeaconWay} from "../attacks/beacon.ts";
import type {Endpoint} from "../configuration.ts";
import {Random} from "../random.ts";
import {ask, call, talk} from "./calls.ts";

/** A bot: calls home in every way until it is ended. Its one argument is JSON: `{ways, places, seed}`. */
const {ways, places, seed} = JSON.parse(process.argv[2]) as {
  ways: BeaconWay[];
  places: Record<string, Endpoint>;
  seed: number;
};

async function callHome(way: BeaconWay, random: Random): Promise<never> {
  const to = places[way.over];
  const wait = () => way.everySeconds * 1000 * (1 + random.uniform(-way.jitter, way.jitter));
  await sleep(random.uniform(0, way.everySeconds * 1000));
  for (;;) {
    const said = random.bytes(random.integer(Math.ceil(way.bytes / 3), way.bytes));
    if (way.over === "raw") await talk(to, Array(way.messages ?? 3).fill(said), () => wait() / 4);
    else if (way.over === "dns") await ask(to, said.subarray(0, 80), random.integer(0, 65535));
    else if (random.chance(0.5)) await call(way.over === "https", to, "/sync", said, {"user-agent": "Mozilla/5.0"});
    else
      await call(way.over === "https", to, `/sync?i=${said.toString("base64url")}`, undefined, {
        "user-agent": "Mozilla/5.0"
      });
    await sleep(wait());
  }
}

ways.forEach((way, i) => void callHome(way, new Random(seed + i)));
