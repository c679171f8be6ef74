import {randomBytes} from "node:crypto";
import type {IncomingHttpHeaders, IncomingMessage} from "node:http";
import {type AccessOptions, isSame, judge, judgeOrigin, judgeSite, type Refusal} from "./access.ts";
import type {KeptSessions} from "./kept-sessions.ts";

/** Routes that a link may lead to, wherever it stands. */
const pageRoutes = ["/login", "/*"];

type Access = Omit<AccessOptions, "isSession">;

/** The secrets of one run of the server: the session, and the link that opens one browser. Sessions of runs before count, too. */
export class Session {
  /** What a program sends as `Authorization: Bearer`, and a browser as its cookie. */
  readonly secret = randomBytes(32).toString("base64url");
  readonly #access: () => Access;
  readonly #kept: KeptSessions;
  #token = randomBytes(32).toString("base64url");

  constructor(access: () => Access, kept: KeptSessions) {
    this.#access = access;
    this.#kept = kept;
  }

  /** The path that opens one browser, once. */
  link(): string {
    return `/login?token=${this.#token}`;
  }

  /** Uses the link up where the token is its own. */
  redeem(token: string | undefined): boolean {
    if (!isSame(token, this.#token)) return false;
    this.#token = randomBytes(32).toString("base64url");
    this.#kept.keep(this.secret);
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
      (route === "/login" ? judgeOrigin(this.#access().origins, headers) : this.#judge(headers, !isReading))
    );
  }

  #judge(headers: IncomingHttpHeaders, changes: boolean): Refusal | null {
    const isSession = (given: string) => isSame(given, this.secret) || this.#kept.has(given);
    return judge({...this.#access(), isSession}, headers, changes);
  }

  /** A socket counts as a change: without its origin it is not a browser's own page. */
  judgeSocket(request: IncomingMessage): Refusal | null {
    return judgeHosts(request) ?? judgeSite(request.headers, "GET", false) ?? this.#judge(request.headers, true);
  }
}

/** Of several Host headers one program reads the first and another the last (RFC 9112 §3.2). */
function judgeHosts({rawHeaders}: IncomingMessage): Refusal | null {
  const hosts = rawHeaders.filter((name, k) => k % 2 === 0 && name.toLowerCase() === "host");
  return hosts.length === 1 ? null : {status: 403, message: "unknown host"};
}
