import {isIP} from "node:net";
import type {Section} from "../section.ts";

/** Reads the host of a receiver. */
export function hostOf(section: Section): string {
  const host = section.text("host");
  if (isIP(host) === 0 && !/^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host))
    section.fail("host", "expected a host name or an address", host);
  return host;
}

/** Reads the port of a receiver. */
export function portOf(section: Section, fallback: number): number {
  const port = section.number("port", 1, 65_535, fallback);
  if (!Number.isInteger(port)) section.fail("port", "expected a whole number", port);
  return port;
}

/** True for a host that is this machine under any circumstances. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  return bare === "localhost" || bare === "::1" || (isIP(bare) === 4 && bare.startsWith("127."));
}
