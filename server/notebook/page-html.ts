/**
 * Mends what Framework writes into every page: the language is named, readers may zoom (WCAG 2.1, 1.4.4), and the
 * sidebar's list holds items only (1.3.1). Pages and scripts stay as they are.
 */
export function mendPage(html: string): string {
  return html
    .replace("<html>", '<html lang="en">')
    .replace(/(<meta name="viewport" content="[^"]*?), maximum-scale=1"/, '$1"')
    .replace(/<label id="observablehq-sidebar-close"[^>]*><\/label>/, '<li style="display: contents">$&</li>');
}
