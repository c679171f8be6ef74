import {setTimeout as sleep} from "node:timers/promises";
import type {Endpoint} from "../configuration.ts";
import {Random} from "../random.ts";
import {talk} from "./calls.ts";

/** Speaks Stratum's client side again and again. Its one argument is JSON: `{to, everySeconds, seed}`. */
const {to, everySeconds, seed} = JSON.parse(process.argv[2]) as {to: Endpoint; everySeconds: number; seed: number};
const random = new Random(seed);
const say = (id: number, method: string, params: unknown) =>
  Buffer.from(`${JSON.stringify({id, jsonrpc: "2.0", method, params})}\n`);

for (;;) {
  const shares = Array.from({length: random.integer(4, 30)}, (_, i) =>
    say(i + 3, "mining.submit", [
      "worker",
      random.word(8),
      random.bytes(4).toString("hex"),
      random.bytes(32).toString("hex")
    ])
  );
  const begin = [
    say(1, "mining.subscribe", ["cpuminer/2.5.1"]),
    say(2, "mining.authorize", [`4${random.word(90)}`, "x"])
  ];
  await talk(to, [...begin, ...shares], () => 1000 * random.exponential(everySeconds));
  await sleep(5000);
}
