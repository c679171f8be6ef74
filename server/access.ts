import {createHash, timingSafeEqual} from "node:crypto";
import type {IncomingHttpHeaders} from "node:http";

/** Why a request is turned away, with the HTTP status that says so. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly message: string;
}

export interface AccessOptions {
  /** Origins a browser may reach the server by, such as `http://127.0.0.1:3000`; their hosts are the hosts allowed. */
  readonly origins: readonly string[];
  /** Whether this is the secret of a session. */
  readonly isSession: (given: string) => boolean;
  /** Name of the session cookie; holds the port, since cookies of one host are shared by its ports. */
  readonly cookie: string;
}

/**
 * Judges a request by its headers alone: null lets it pass. The host must be one of the server's own (else a foreign name
 * that was made to lead here, DNS rebinding, would pass for it), an origin where there is one, too, and the session must
 * be known. What changes something, or opens a socket, must name its origin; a program without a browser sends the
 * session as `Authorization: Bearer`.
 */
export function judge(
  {origins, isSession, cookie}: AccessOptions,
  headers: IncomingHttpHeaders,
  changes: boolean
): Refusal | null {
  const refusal = judgeOrigin(origins, headers);
  if (refusal) return refusal;
  const bearer = /^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1];
  if (bearer !== undefined && isSession(bearer)) return null;
  const given = cookieOf(headers, cookie);
  if (given === undefined || !isSession(given))
    return {status: 401, message: "open the link that flowbook start printed"};
  if (changes && headers.origin === undefined)
    return {status: 403, message: "expected an Origin header for a request that changes something, found none"};
  return null;
}

/** The part of the judgement that a request without a session must pass, too. */
export function judgeOrigin(origins: readonly string[], headers: IncomingHttpHeaders): Refusal | null {
  const host = hostOf(headers.host ?? "");
  if (!host || !origins.some((origin) => isSameHost(new URL(origin), host)))
    return {status: 403, message: "unknown host"};
  if (headers.origin !== undefined && !origins.includes(headers.origin))
    return {status: 403, message: "foreign origin"};
  return null;
}

/** What a browser says about where a request comes from and what it is for (Fetch Metadata, W3C). */
const ownSites = ["same-origin", "none"];

/**
 * Refuses a request that another site made a browser send. `SameSite=Strict` does not: a page at another port of this
 * machine is the same site. A link that leads to a page may stand anywhere; `isPage` says whether this address is one.
 * A program without a browser sends no such headers and passes.
 */
export function judgeSite(headers: IncomingHttpHeaders, method: string, isPage: boolean): Refusal | null {
  const site = headers["sec-fetch-site"];
  if (site === undefined || ownSites.includes(String(site))) return null;
  const isLink =
    isPage &&
    method === "GET" &&
    headers["sec-fetch-mode"] === "navigate" &&
    headers["sec-fetch-dest"] === "document" &&
    (site === "same-site" || site === "cross-site");
  return isLink ? null : {status: 403, message: "the request comes from another site: open the page directly"};
}

/** A name or address, in lower case, and a port, null where none is given; null for any other spelling. */
function hostOf(header: string): {name: string; port: string | null} | null {
  const [, name, port = null] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(header) ?? [];
  return name === undefined ? null : {name: name.toLowerCase(), port};
}

/** A URL drops the port that its scheme implies; a Host header may spell it out. */
function isSameHost({protocol, hostname, port}: URL, host: {name: string; port: string | null}): boolean {
  const implied = protocol === "https:" ? "443" : "80";
  return hostname === host.name && (port || implied) === (host.port ?? implied);
}

/** Compares two secrets in a time that does not tell how much of them agrees. */
export function isSame(given: string | undefined, secret: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(secret));
}

function cookieOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  for (const part of (headers.cookie ?? "").split(";")) {
    const [key, value] = part.trim().split("=", 2);
    if (key === name) return value;
  }
  return undefined;
}
