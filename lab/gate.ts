import {setTimeout as sleep} from "node:timers/promises";
import type {Configuration} from "./configuration.ts";
import type {Outcome} from "./processes.ts";

/**
 * Services that do not answer on their host within about ten seconds; asked from inside the host, so that nothing of it
 * is in the capture. UDP services are asked with dig where they are name servers, else taken as running.
 */
export async function unanswered(
  {hosts, endpoints}: Configuration,
  run: (host: string, argv: readonly string[]) => Promise<Outcome>
): Promise<string[]> {
  const wanted = hosts.flatMap(({name, address, servers}) =>
    (servers ?? []).flatMap(({ports}) => ports.map((port) => ({host: name, address, port})))
  );
  const {dns} = endpoints;
  const silent: string[] = [];
  for (const {host, address, port} of wanted)
    if (!(await often(() => run(host, ["bash", "-c", `exec 3<>/dev/tcp/${address}/${port}`]))))
      silent.push(`${host}:${port}`);
  const question = ["dig", "+time=1", "+tries=1", `-p${dns.port}`, `@${dns.address}`, endpoints.http.names[0]];
  if (!(await often(() => run(dns.host, question)))) silent.push(`${dns.host}:${dns.port}/udp`);
  return silent;
}

async function often(ask: () => Promise<Outcome>): Promise<boolean> {
  for (let i = 0; i < 25; i++) {
    if ((await ask()).code === 0) return true;
    await sleep(400);
  }
  return false;
}
