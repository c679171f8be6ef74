import type {Attack, AttackPlan, Scene, ServiceName} from "../configuration.ts";

function ask(
  tool: string,
  needs: string,
  seconds: number,
  services: readonly ServiceName[],
  argv: (scene: Scene, address: string, ports: string) => string[]
): Attack {
  return {
    label: "Probe",
    tool,
    needs: [needs],
    against: services,
    plan(scene): AttackPlan {
      const {address} = scene.endpoints[services[0]];
      const ports = services.map((name) => scene.endpoints[name].port);
      return {commands: [argv(scene, address, ports.join(","))], seconds, to: [address]};
    }
  };
}

/** What runs there, and which version. */
export const versions = ask("nmap-versions", "nmap", 25, ["http", "https", "ssh", "ftp"], (_, a, p) => [
  ...["nmap", "-n", "-Pn", "-sV", "--version-all", "-p", p, a]
]);
export const versionsMore = ask("nmap-versions-2", "nmap", 25, ["redis", "mqtt", "smtp", "chat"], (_, a, p) => [
  ...["nmap", "-n", "-Pn", "-sV", "-p", p, a]
]);
export const system = ask("nmap-system", "nmap", 15, ["ssh", "http"], (_, a, p) => [
  "nmap",
  "-n",
  "-Pn",
  "-O",
  "-p",
  `${p},81`,
  a
]);
export const scripts = ask("nmap-scripts", "nmap", 25, ["http", "https", "ssh", "ftp"], (_, a, p) => {
  const names = "banner,http-title,http-headers,ssh2-enum-algos,ftp-anon";
  return ["nmap", "-n", "-Pn", "--script", names, "--script-timeout", "6s", "-p", p, a];
});
export const banners = ask("ncat-banners", "ncat", 25, ["http", "ssh", "ftp", "https"], (_, a, p) => {
  const say = (text: string) => `(printf "${text}"; sleep 0.6) | ncat -w 2 ${a} $p`;
  const each = [say("\\r\\n"), say("HEAD / HTTP/1.0\\r\\n\\r\\n"), say("HELP\\r\\n")].join("; ");
  return ["sh", "-c", `for p in ${p.replaceAll(",", " ")}; do ${each}; done`];
});
export const tlsVersions = ask("openssl-versions", "openssl", 20, ["https", "http", "ssh", "ftp"], (_, a, p) => {
  const each = `for v in -tls1_2 -tls1_3 -no_tls1_3; do timeout 2 openssl s_client $v -connect ${a}:$p </dev/null; done`;
  return ["sh", "-c", `for p in ${p.replaceAll(",", " ")}; do ${each}; done`];
});

/** Which addresses of the network live. */
function sweep(
  tool: string,
  needs: string,
  seconds: number,
  argv: (from: string, network: string) => string[]
): Attack {
  return {
    label: "Probe",
    tool,
    needs: [needs],
    against: [],
    plan({host, quarter}) {
      const to = Array.from({length: 254}, (_, i) => `${quarter}.${i + 1}`);
      return {commands: [argv(host.address, quarter)], seconds, to};
    }
  };
}

export const nmapSweep = sweep("nmap-sweep", "nmap", 18, (_, network) => [
  ...["nmap", "-n", "-sn", "--send-ip", "-PE", "-PS80,443,22", "-PA80", "-PU40125", `${network}.1-80`]
]);
export const fpingSweep = sweep("fping-sweep", "fping", 14, (_, network) => [
  ...["fping", "-q", "-r", "0", "-t", "400", "-i", "40", "-g", `${network}.1`, `${network}.120`]
]);
export const pingSweep = sweep("ping-sweep", "ping", 14, (_, network) => [
  ...["sh", "-c", `for i in $(seq 1 70); do ping -n -c1 -W1 ${network}.$i & sleep 0.1; done; wait`]
]);

/** Guesses names and asks the name server about itself. */
export const nameGuesses: Attack = {
  label: "Probe",
  tool: "dig-guesses",
  needs: ["dig"],
  against: ["dns"],
  plan({endpoints}) {
    const {address, port} = endpoints.dns;
    const names = "www mail ns vpn dev test db api ftp git intranet backup";
    const ask = `dig -p ${port} +time=1 +tries=1 @${address}`;
    const script = `for i in ${names}; do ${ask} $i.corp.example any; done; ${ask} version.bind chaos txt; ${ask} corp.example axfr`;
    return {commands: [["sh", "-c", script]], seconds: 14, to: [address], ports: [port]};
  }
};
