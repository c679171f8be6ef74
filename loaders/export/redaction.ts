import {createHmac} from "node:crypto";
import {isIP} from "node:net";
import type {TextKind} from "../../schema/text-kinds.ts";
import {CryptoPan} from "./crypto-pan.ts";

/** What leaves in which form. */
export interface RedactionPolicy {
  /** Addresses keep their common prefixes (Crypto-PAn), or themselves. */
  readonly addresses: "prefix" | "keep";
  /** Names of hosts and domains are hashed, or kept. */
  readonly names: "hash" | "keep";
  /** Names below these domains keep the domain. */
  readonly suffixes: readonly string[];
  /** Users' names are hashed, or kept. */
  readonly users: "off" | "keep";
  /** What payloads said: addresses of pages, programs, file names, arguments. */
  readonly payload: "off" | "keep";
  /** Times move by a whole number of weeks that the key gives, or not. */
  readonly times: "shift" | "keep";
}

export const strictPolicy: RedactionPolicy = {
  addresses: "prefix",
  names: "hash",
  suffixes: [],
  users: "off",
  payload: "off",
  times: "shift"
};

/** Addresses of no host in particular: unspecified, everybody, oneself. */
const nobodys: ReadonlySet<string> = new Set(["0.0.0.0", "255.255.255.255", "127.0.0.1", "::", "::1"]);

const weekUs = 7 * 86_400_000_000;

/** Redacts texts by a policy and a key that stays with whoever has the originals: the same text is always the same. */
export class Redaction {
  readonly policy: RedactionPolicy;
  /** Times move by so many µs. */
  readonly shiftUs: number;
  /** What must not be found in what leaves, and what it is. */
  readonly originals = new Map<string, "address" | "name" | "user">();
  /** Addresses that stand in the place of others. */
  readonly images = new Set<string>();
  /** Names, users and texts of payloads that may stand within sentences, with what stands there instead. */
  readonly #words = new Map<string, string>();
  readonly #key: Uint8Array;
  readonly #pan: CryptoPan;

  constructor(policy: RedactionPolicy, key: Uint8Array) {
    this.policy = policy;
    this.#key = key;
    this.#pan = new CryptoPan(key);
    const weeks = 52 + (Number.parseInt(this.#hash("weeks", "shift", 8), 16) % 400);
    this.shiftUs = policy.times === "shift" ? -weeks * weekUs : 0;
  }

  /** A secret for hashes that SQL computes. */
  get secret(): string {
    return this.#hash("secret", "sql", 64);
  }

  /** The text in the form in which it may leave; null where nothing of it may. */
  redact(kind: TextKind, text: string): string | null {
    const {addresses, names, users, payload} = this.policy;
    switch (kind) {
      case "address":
        return addresses === "keep" ? text : this.#address(text);
      case "mac":
        return addresses === "keep" ? text : this.#mac(text);
      case "name":
        return names === "keep" ? text : this.#name(text);
      case "user":
        return users === "keep" ? text : this.#word(text, "user", `user-${this.#hash("user", text, 8)}`);
      case "payload":
        if (payload === "keep") return this.#sentence(text);
        this.#words.set(text, "(removed)");
        return null;
      case "text":
        return this.#sentence(text);
      case "findings":
        return this.#findings(text);
      case "path":
        return `capture-${this.#hash("path", text, 8)}.pcap`;
      case "keep":
        return text;
      default:
        // It may be quoted in a sentence, too.
        this.#words.set(text, "(removed)");
        return null;
    }
  }

  /** JSON of findings: sentences, with times that move and ids that are hashed. */
  #findings(text: string): string {
    const walk = (value: unknown, name: string): unknown => {
      if (Array.isArray(value)) return value.map((each) => walk(each, name));
      if (value !== null && typeof value === "object")
        return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walk(each, key)]));
      if (typeof value === "number" && /^ts(_|$)/.test(name)) return value + this.shiftUs;
      if (typeof value !== "string") return value;
      return /^(.*_)?id$/.test(name) ? this.#hash("id", value, 16) : this.#sentence(value);
    };
    try {
      return JSON.stringify(walk(JSON.parse(text), ""));
    } catch {
      return this.#sentence(text);
    }
  }

  #address(text: string): string {
    if (isIP(text) === 0) return this.#sentence(text);
    const made = this.#pan.address(text);
    this.images.add(made);
    // One that is another's image says nothing, and neither does one that is no host's: programs name it, too.
    if (!nobodys.has(text)) this.originals.set(text, "address");
    return made;
  }

  #mac(text: string): string {
    const digits = this.#hash("mac", text, 10);
    const made = `02:${digits.match(/../g)!.join(":")}`;
    this.originals.set(text, "address");
    this.images.add(made);
    return made;
  }

  #name(text: string): string {
    if (isIP(text.replace(/:\d+$/, "")) !== 0) return this.#sentence(text);
    return this.#word(text, "name", this.#otherName(text));
  }

  /** The same for the same name, however it is written. */
  #otherName(text: string): string {
    const lower = text.toLowerCase();
    const suffix = this.policy.suffixes.find((domain) => lower === domain || lower.endsWith(`.${domain}`));
    return `n-${this.#hash("name", lower, 10)}${suffix ? `.${suffix}` : ".invalid"}`;
  }

  #word(text: string, what: "name" | "user", made: string): string {
    this.#words.set(text, made);
    if (text.length >= shortestOriginal) this.originals.set(text, what);
    return made;
  }

  /** Addresses, known names and users within other words. */
  #sentence(text: string): string {
    const quoted =
      this.policy.payload === "off"
        ? text.replace(/(["'`])(.*?)\1/g, (whole, mark, inner) => {
            const known = this.#words.get(inner);
            return known === undefined ? whole : `${mark}${known}${mark}`;
          })
        : text;
    return quoted.replace(/[^\s"'`,;()[\]{}<>=]+/g, (token) => this.#token(token));
  }

  #token(token: string): string {
    const known = this.#words.get(token);
    if (known !== undefined) return known;
    const [, before, core, after] = /^([^\p{L}\p{N}:]*)(.*?)([.:!?…]*)$/u.exec(token)!;
    const made = this.#words.get(core) ?? this.#inUrl(core) ?? this.#addressIn(core);
    return made === null ? token : before + made + after;
  }

  /** A URL with another host, be it known or not; null where the text is none. */
  #inUrl(text: string): string | null {
    const [, scheme, host, rest] = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#:]+)(.*)$/i.exec(text) ?? [];
    if (host === undefined) return null;
    if (isIP(host) !== 0) return scheme + (this.#addressIn(host) ?? host) + rest;
    return this.policy.names === "keep" ? text : scheme + this.#otherName(host) + rest;
  }

  /** An address alone, or with a port or a prefix length behind it; null where there is none. */
  #addressIn(text: string): string | null {
    if (this.policy.addresses === "keep") return null;
    if (isIP(text) !== 0) return this.#address(text);
    const [, address, rest] = /^\[?([0-9a-f.:]+?)(\]?(?:[:/#]\d+|%\w+)?)$/i.exec(text) ?? [];
    if (address !== undefined && isIP(address) !== 0) return this.#address(address) + rest;
    return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text) ? this.#mac(text) : null;
  }

  #hash(purpose: string, text: string, digits: number): string {
    return createHmac("sha256", this.#key).update(`${purpose}\0${text}`).digest("hex").slice(0, digits);
  }
}

/** Shorter names are words of their own, such as `web`, which a report may say. */
const shortestOriginal = 5;
