import type {Attack} from "../configuration.ts";
import {ownProgram} from "../servers.ts";

/** A miner that was not asked for: Stratum over one long connection, found shares now and then. */
export const miner: Attack = {
  label: "Botnet",
  tool: "stratum-miner",
  needs: [],
  against: ["c2-raw"],
  reports: true,
  plan({endpoints, random}) {
    const to = endpoints["c2-raw"];
    const settings = {to, everySeconds: random.uniform(3, 20), seed: random.integer(1, 1e9)};
    return {commands: [ownProgram("own/mine.ts", JSON.stringify(settings))], seconds: 86_400, to: [to.address]};
  }
};
