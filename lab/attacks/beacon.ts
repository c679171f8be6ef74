import type {Attack, ServiceName} from "../configuration.ts";
import {ownProgram} from "../servers.ts";

/** How a bot calls home. */
export interface BeaconWay {
  readonly over: "http" | "https" | "raw" | "dns";
  /** Mean time between two calls, and by which share of it each may differ. */
  readonly everySeconds: number;
  readonly jitter: number;
  /** Bytes it tells at a time, at most. */
  readonly bytes: number;
  /** Messages in one connection (`raw`). */
  readonly messages?: number;
}

/** A bot on the host calls home in several ways until the end; its program reports each connection. */
export function beacon(tool: string, ways: readonly BeaconWay[]): Attack {
  return reporting("Botnet", tool, "own/beacon.ts", ways);
}

/** How data leave. */
export interface ExfiltrationWay {
  readonly over: "http" | "https" | "raw" | "dns";
  readonly bytes: readonly number[];
  readonly everySeconds: number;
}

/** Data leave the host in several ways until the end; its program reports each connection. */
export function exfiltration(tool: string, ways: readonly ExfiltrationWay[]): Attack {
  return reporting("Exfiltration", tool, "own/exfiltrate.ts", ways);
}

function reporting(
  label: "Botnet" | "Exfiltration",
  tool: string,
  program: string,
  ways: readonly {over: string}[]
): Attack {
  const services = [...new Set(ways.map(({over}) => `c2-${over}` as ServiceName))];
  return {
    label,
    tool,
    needs: [],
    against: services,
    reports: true,
    plan({endpoints, random}) {
      const places = Object.fromEntries(services.map((name) => [name.slice(3), endpoints[name]]));
      const settings = JSON.stringify({ways, places, seed: random.integer(1, 1e9)});
      return {
        commands: [ownProgram(program, settings)],
        seconds: 86_400,
        to: [...new Set(services.map((name) => endpoints[name].address))]
      };
    }
  };
}
