import {accessSync, constants} from "node:fs";
import {isIP} from "node:net";
import {delimiter, join} from "node:path";

/** A program of the system that finds the way to a host. */
export interface Tracer {
  readonly path: string;
  /** Its arguments for a target that was validated. */
  readonly args: (target: string) => readonly string[];
}

/** Hops that a trace goes at most. */
export const mostHops = 30;

const ipv6 = (target: string) => (isIP(target) === 6 ? ["-6"] : []);

const tracers: readonly {name: string; platforms: readonly string[]; args: Tracer["args"]}[] = [
  {
    name: "traceroute",
    platforms: ["linux", "freebsd", "openbsd", "netbsd"],
    args: (target) => [...ipv6(target), "-n", "-q", "3", "-w", "1", "-m", String(mostHops), target]
  },
  {name: "tracepath", platforms: ["linux"], args: (target) => [...ipv6(target), "-n", "-m", String(mostHops), target]},
  {
    name: "traceroute",
    platforms: ["darwin"],
    args: (target) => ["-n", "-q", "3", "-w", "1", "-m", String(mostHops), target]
  },
  {name: "tracert.exe", platforms: ["win32"], args: (target) => ["-d", "-w", "1000", "-h", String(mostHops), target]}
];

/** The first program that is installed here; null where none is. */
export function findTracer(path = process.env.PATH ?? "", platform: string = process.platform): Tracer | null {
  // Where such programs lie that only administrators were thought to need.
  const folders = [...path.split(delimiter).filter(Boolean), ...(platform === "win32" ? [] : ["/usr/sbin", "/sbin"])];
  for (const {name, args} of tracers.filter(({platforms}) => platforms.includes(platform)))
    for (const folder of folders) if (isProgram(join(folder, name))) return {path: join(folder, name), args};
  return null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
