import {readdirSync, readFileSync} from "node:fs";
import {join, resolve} from "node:path";
import {describe, expect, it} from "vitest";
import {JSDOM, parseMarkdown} from "../../server/notebook/framework-modules.ts";
import {openNotebook} from "../../server/notebook/notebook.ts";

// As it is after those.
const {parseHtml} = await import("@observablehq/framework/dist/html.js");
const project = resolve(import.meta.dirname, "../..");
const markup = [
  "",
  "<p>one<p>two",
  "<tr><td>no table</tr>",
  "<!doctype html><html lang=de><head><title>x</title><base href=/y></head><body class=z>text</body></html>",
  "<noscript><img src=a.png></noscript><template><p>inside</p></template><script>1 < 2</script>",
  '<svg viewBox="0 0 1 1"><foreignObject><p>in</p></foreignObject></svg><math><mi>x</mi></math>',
  "<!--:1234abcd:--><observablehq-loading></observablehq-loading>&amp;&#x1F600;\u0000"
];

describe("Framework's documents of one window", () => {
  it("have none of their own", () => {
    expect(parseHtml("<p>").document.defaultView === null).toBe(true);
  });

  it("are those that jsdom makes of the same text", async () => {
    const config = await openNotebook(project, "/no/lake");
    const pages = readdirSync(join(project, "src")).filter((name) => name.endsWith(".md"));
    const bodies = pages.map((name) => {
      const text = readFileSync(join(project, "src", name), "utf8");
      return parseMarkdown(text, {...config, path: `/${name.slice(0, -3)}`}).body;
    });
    expect(bodies.length).toBeGreaterThan(25);
    for (const html of [...markup, ...bodies]) {
      const {document} = new JSDOM(`<!DOCTYPE html><body>${html}`).window;
      const ours = parseHtml(html).document;
      expect(ours.documentElement.outerHTML).toBe(document.documentElement.outerHTML);
      expect([ours.compatMode, ours.contentType]).toEqual([document.compatMode, document.contentType]);
    }
  });

  it("come to all of the server, since it imports Framework's modules by one file", () => {
    const folder = join(project, "server");
    const imports = readdirSync(folder, {recursive: true, encoding: "utf8"})
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
      .flatMap((name) => {
        const text = readFileSync(join(folder, name), "utf8");
        return [...text.matchAll(/^import (?!type ).*"@observablehq\/framework\/[^"]*"/gm)].map(
          ([line]) => name + line
        );
      });
    expect(imports).toEqual([]);
  });
});
