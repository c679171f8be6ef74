import {createHash} from "node:crypto";

/** Sources of a page's own inline scripts, for `script-src`: `'sha256-…'` each. */
export function scriptHashes(html: string): string[] {
  const inline = html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g);
  return [...new Set([...inline].map(([, text]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`))];
}

/**
 * The policy of a page in a static site: nothing from another origin, no script but its own. Framework's CSV reader
 * compiles a function, hence `unsafe-eval`; Plot writes `style` attributes.
 */
export function staticPolicy(scripts: readonly string[]): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'unsafe-eval' ${scripts.join(" ")}`.trimEnd(),
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
