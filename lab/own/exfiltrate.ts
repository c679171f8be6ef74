import {setTimeout as sleep} from "node:timers/promises";
import type {ExfiltrationWay} from "../attacks/beacon.ts";
import type {Endpoint} from "../configuration.ts";
import {Random} from "../random.ts";
import {ask, call, talk} from "./calls.ts";

/** Carries data out in every way until it is ended. Its one argument is JSON: `{ways, places, seed}`. */
const {ways, places, seed} = JSON.parse(process.argv[2]) as {
  ways: ExfiltrationWay[];
  places: Record<string, Endpoint>;
  seed: number;
};

async function carry(way: ExfiltrationWay, random: Random): Promise<never> {
  const to = places[way.over];
  for (;;) {
    await sleep(way.everySeconds * 1000 * random.uniform(0.4, 1.6));
    const data = random.bytes(random.pick(way.bytes));
    if (way.over === "dns") {
      for (let i = random.integer(5, 40); i > 0; i--) {
        await ask(to, random.bytes(random.pick(way.bytes)), random.integer(0, 65535));
        await sleep(random.uniform(20, 120));
      }
    } else if (way.over === "raw") await talk(to, [data], () => 50);
    else await call(way.over === "https", to, "/upload", data, {"user-agent": "curl/8.0"});
  }
}

ways.forEach((way, i) => void carry(way, new Random(seed + i)));
