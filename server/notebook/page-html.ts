import {type Carried, carriedId} from "../../src/lib/carried.ts";
import {type CaseEntry, carriedCaseId, caseText} from "../../src/lib/case.ts";

/**
 * Mends what Framework writes into every page: the language is named, readers may zoom (WCAG 2.1, 1.4.4), the sidebar's
 * list holds items only (1.3.1), and what a narrow window scrolls is reached by keyboard (2.1.1). Pages and scripts stay
 * as they are.
 */
export function mendPage(html: string): string {
  return html
    .replace("<html>", '<html lang="en">')
    .replace(/(<meta name="viewport" content="[^"]*?), maximum-scale=1"/, '$1"')
    .replaceAll("<pre data-language=", '<pre tabindex="0" data-language=')
    .replace(/<label id="observablehq-sidebar-close"[^>]*><\/label>/, '<li style="display: contents">$&</li>');
}

/** A page with what it carries of the lake. */
export function withCarried(html: string, carried: Carried): string {
  const json = JSON.stringify(carried).replaceAll("<", "\\u003c");
  return html.replace("</head>", () => `<script type="application/json" id="${carriedId}">${json}</script>\n</head>`);
}

/** A page with the case that it shows. */
export function withCase(html: string, entries: readonly CaseEntry[]): string {
  const json = caseText(entries).replaceAll("<", "\\u003c");
  return html.replace(
    "</head>",
    () => `<script type="application/json" id="${carriedCaseId}">${json}</script>\n</head>`
  );
}

/** A page of a site cannot load its modules from disk: it says so instead of staying empty. */
export function withFileNotice(html: string): string {
  return html.replace("</body>", () => `<script>${fileNotice}</script>\n</body>`);
}

const fileNotice = `if (location.protocol === "file:") {
  const said = document.createElement("p");
  said.setAttribute("role", "alert");
  said.style = "max-width: 44rem; margin: 2rem auto; padding: 1rem; border: 2px solid currentColor; border-radius: 6px";
  said.textContent = "This page was opened from disk, and browsers load a site's modules only from a server. Serve its folder, for instance with: python3 -m http.server 8000 --bind 127.0.0.1 , and open 127.0.0.1:8000/index.html . A report in one file that opens from disk is made by: flowbook build --single-file -o report.html";
  document.querySelector("main")?.prepend(said);
  for (const waiting of document.querySelectorAll("observablehq-loading")) waiting.remove();
}`;
