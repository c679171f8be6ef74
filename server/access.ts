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
  /** Secret of the session cookie. */
  readonly session: string;
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
  {origins, session, cookie}: AccessOptions,
  headers: IncomingHttpHeaders,
  changes: boolean
): Refusal | null {
  const refusal = judgeOrigin(origins, headers);
  if (refusal) return refusal;
  if (isSame(/^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1], session)) return null;
  if (!isSame(cookieOf(headers, cookie), session))
    return {status: 401, message: "open the link that flowbook start printed"};
  if (changes && headers.origin === undefined) return {status: 403, message: "a change needs an origin"};
  return null;
}

/** The part of the judgement that a request without a session must pass, too. */
export function judgeOrigin(origins: readonly string[], headers: IncomingHttpHeaders): Refusal | null {
  const hosts = origins.map((origin) => new URL(origin).host);
  // A URL drops the port that its scheme implies; a Host header may spell it out.
  if (
    !hosts.includes((headers.host ?? "").toLowerCase().replace(/:(80|443)$/, "")) &&
    !hosts.includes((headers.host ?? "").toLowerCase())
  )
    return {status: 403, message: "unknown host"};
  if (headers.origin !== undefined && !origins.includes(headers.origin))
    return {status: 403, message: "foreign origin"};
  return null;
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
