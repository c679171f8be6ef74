import {createHash} from "node:crypto";

/** Sources of a page's own inline scripts, for `script-src`: `'sha256-…'` each. */
export function scriptHashes(html: string): string[] {
  const inline = html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g);
  return [...new Set([...inline].map(([, text]) => hashSource(text)))];
}

/**
 * What the `html` literal of Inputs and of pages (hypertext literal) puts in the place of an event handler while it
 * parses, `::` and the handler's number in its literal. It is no valid script and is replaced by the function at once,
 * but a policy without it reports each.
 */
export const handlerPlaceholders = Array.from({length: 32}, (_, number) => hashSource(`::${number}`)).join(" ");

export function hashSource(script: string): string {
  return `'sha256-${createHash("sha256").update(script).digest("base64")}'`;
}

/**
 * The policy of a page in a static site: nothing from another origin, no script but its own. Framework's CSV reader
 * compiles a function, hence `unsafe-eval`; Plot writes `style` attributes.
 */
export function staticPolicy(scripts: readonly string[]): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'unsafe-eval' ${scripts.join(" ")}`.trimEnd(),
    `script-src-attr 'unsafe-hashes' ${handlerPlaceholders}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "connect-src 'self' data: blob:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'"
  ].join("; ");
}

/** The policy of a page that the server sends: the same, in no frame, and with the socket by which an open page hears of edits. */
export function servedPolicy(scripts: readonly string[], socketOrigin: string): string {
  return `${staticPolicy(scripts).replace("connect-src 'self'", `connect-src 'self' ${socketOrigin}`)}; frame-ancestors 'none'`;
}
