import {fileURLToPath} from "node:url";
import type {Attack, ServiceName} from "../configuration.ts";

/** Questions in another's name, whose answers strike that other (DDoS by reflection). */
function reflect(tool: string, service: ServiceName): Attack {
  return {
    label: "DDoS",
    tool,
    needs: ["python3"],
    against: [service],
    reports: true,
    plan(scene) {
      const {random, endpoints, addresses, host} = scene;
      const {address, port} = endpoints[service];
      const from = random.pick(addresses.filter((one) => one !== host.address && one !== address));
      const plan = {
        kind: service,
        victim: from,
        reflectors: [address],
        port,
        count: random.integer(150, 500),
        perSecond: random.integer(25, 80),
        seed: random.integer(1, 1e9)
      };
      return {
        commands: [["python3", fileURLToPath(new URL("../own/spoof.py", import.meta.url)), JSON.stringify(plan)]],
        seconds: 14,
        from: [from],
        to: [address],
        ports: [port]
      };
    }
  };
}

export const reflectDns = reflect("reflect-dns", "dns");
export const reflectNtp = reflect("reflect-ntp", "ntp");
