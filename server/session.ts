import {randomBytes} from "node:crypto";
import type {IncomingMessage} from "node:http";
import {type AccessOptions, isSame, judge, judgeOrigin, judgeSite, type Refusal} from "./access.ts";

/** Routes that a link may lead to, wherever it stands. */
const pageRoutes = ["/login", "/*"];

/** The secrets of one run of the server: the session, and the link that opens one browser. */
export class Session {
  /** What a program sends as `Authorization: Bearer`, and a browser as its cookie. */
  readonly secret = randomBytes(32).toString("base64url");
  readonly #access: () => Omit<AccessOptions, "session">;
  #token = randomBytes(32).toString("base64url");

  constructor(access: () => Omit<AccessOptions, "session">) {
    this.#access = access;
  }

  /** The path that opens one browser, once. */
  link(): string {
    return `/login?token=${this.#token}`;
  }

  /** Uses the link up where the token is its own. */
  redeem(token: string | undefined): boolean {
    if (!isSame(token, this.#token)) return false;
    this.#token = randomBytes(32).toString("base64url");
    return true;
  }

  /** Judges a request to a route; null lets it pass. */
  judge(request: IncomingMessage, route: string): Refusal | null {
    const {headers, method = "GET", url = ""} = request;
    // An address with a host of its own is one for a proxy, and would count instead of the Host header (RFC 9112 §3.2.2).
    if (!url.startsWith("/")) return {status: 403, message: "unknown host"};
    const isReading = method === "GET" || method === "HEAD";
    return (
      judgeHosts(request) ??
      judgeSite(headers, method, pageRoutes.includes(route)) ??
      (route === "/login"
        ? judgeOrigin(this.#access().origins, headers)
        : judge({...this.#access(), session: this.secret}, headers, !isReading))
    );
  }

  /** A socket counts as a change: without its origin it is not a browser's own page. */
  judgeSocket(request: IncomingMessage): Refusal | null {
    return (
      judgeHosts(request) ??
      judgeSite(request.headers, "GET", false) ??
      judge({...this.#access(), session: this.secret}, request.headers, true)
    );
  }
}

/** Of several Host headers one program reads the first and another the last (RFC 9112 §3.2). */
function judgeHosts({rawHeaders}: IncomingMessage): Refusal | null {
  const hosts = rawHeaders.filter((name, k) => k % 2 === 0 && name.toLowerCase() === "host");
  return hosts.length === 1 ? null : {status: 403, message: "unknown host"};
}
