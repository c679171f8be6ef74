import {execFileSync, spawnSync} from "node:child_process";
import type {Configuration} from "./configuration.ts";

/** Debian's package of each program that is not in the package of its own name. */
const packages: Record<string, string> = {
  ip: "iproute2",
  ab: "apache2-utils",
  "/usr/sbin/sshd": "openssh-server",
  ssh: "openssh-client",
  scp: "openssh-client",
  sftp: "openssh-client",
  "ssh-keygen": "openssh-client",
  dig: "bind9-dnsutils",
  mosquitto_pub: "mosquitto-clients",
  mosquitto_sub: "mosquitto-clients",
  "redis-cli": "redis-tools",
  gtlsclient: "ngtcp2-client",
  smbd: "samba",
  "/usr/share/doc/python3-impacket/examples/psexec.py": "python3-impacket",
  nginx: "nginx-light",
  ping: "iputils-ping",
  python3: "python3"
};

/** Every program that a run of the configuration calls. */
export function programs({hosts}: Configuration): string[] {
  const needs = hosts.flatMap(({servers, use, residents, attacks, background}) => [
    ...(servers ?? []).flatMap((server) => server.needs),
    ...(use?.actors ?? []).flatMap(([actor]) => actor.needs),
    ...(residents ?? []).flatMap((resident) => resident.needs),
    ...[...(attacks?.list ?? []), ...(background ?? [])].flatMap((attack) => attack.needs)
  ]);
  return [...new Set(["ip", "tcpdump", "python3", "openssl", "ssh-keygen", "dig", ...needs])].sort();
}

/** Debian's packages that hold them. */
export function debianPackages(programs: readonly string[]): string[] {
  return [...new Set(programs.map((program) => packages[program] ?? program))].sort();
}

/** Debian's version of each program's package, `present` where dpkg does not know it; undefined where one is missing. */
export function toolVersions(programs: readonly string[]): Record<string, string> | undefined {
  const versions: Record<string, string> = {};
  for (const program of programs) {
    if (spawnSync("sh", ["-c", 'command -v "$1"', "sh", program]).status !== 0) return undefined;
    versions[program] = versionOf(packages[program] ?? program);
  }
  return versions;
}

function versionOf(name: string): string {
  try {
    const options = {encoding: "utf8" as const, stdio: ["ignore", "pipe", "ignore"] as ("ignore" | "pipe")[]};
    return execFileSync("dpkg-query", ["-W", "-f", `\${Version}`, name], options) || "present";
  } catch {
    return "present";
  }
}
