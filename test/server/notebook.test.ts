import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs";
import {createRequire} from "node:module";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, describe, expect, it, vi} from "vitest";
import {resultPath} from "../../loaders/results/freshness-ledger.ts";
import {buildSite} from "../../server/notebook/build.ts";
import {openNotebook} from "../../server/notebook/notebook.ts";
import {PageResults} from "../../server/notebook/page-results.ts";
import {type RunningServer, startServer} from "../../server/start.ts";
import {makeProject} from "./project.ts";

// Framework tells of every socket and message.
console.log = () => {};

const project = makeProject();
let server: RunningServer;

const page = '# Parts\n\n```js\ndisplay(await FileAttachment("data/parts.json").json());\n```\n';
const loader = [
  'import {existsSync, readdirSync} from "node:fs";',
  'const folder = process.env.FLOWBOOK_LAKE + "/captures";',
  "process.stdout.write(JSON.stringify(existsSync(folder) ? readdirSync(folder) : []));"
].join("\n");

beforeAll(async () => {
  project.put("src/index.md", page);
  project.put("src/captures.md", "# Captures\n");
  project.put("src/data/parts.json.ts", loader);
  mkdirSync(project.lake);
  server = await startServer({
    lake: project.lake,
    project: project.folder,
    host: "127.0.0.1",
    port: 0,
    anyPort: false,
    publicOrigin: null,
    uploadLimitBytes: 1e6,
    settings: {},
    firstCaptures: [],
    now: Date.now
  });
});
afterAll(async () => {
  await server.close();
  project.remove();
});

const get = (path: string) => fetch(server.url + path, {headers: {authorization: `Bearer ${server.session}`}});
const seal = (part: string) => {
  mkdirSync(join(project.lake, "captures"), {recursive: true});
  // Both ends of a Parquet file: anything else is left out.
  writeFileSync(join(project.lake, `captures/${part}.parquet`), `PAR1${part}\0\0\0\0PAR1`);
};
const dataAddress = (html: string) => /"path":"\.?(\/_file\/data\/parts\.json[^"]*)"/.exec(html)?.[1] ?? "";

/** Opens the socket that a page opens, and collects what the editor tells it. */
async function openPage(path: string) {
  const html = await (await get(path)).text();
  const hash = /open\(\{hash: "([^"]+)"/.exec(html)?.[1];
  const headers = {authorization: `Bearer ${server.session}`};
  // Framework's own; Node has one of its own from version 22 on.
  const {WebSocket} = createRequire(import.meta.url)("ws");
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/_observablehq`, {headers, origin: server.url});
  const messages: {type: string; [key: string]: unknown}[] = [];
  const types = () => messages.map(({type}) => type);
  const next = async (type: string) => {
    await expect.poll(types, {interval: 250}).toContain(type);
    return messages.find((message) => message.type === type);
  };
  socket.on("message", (data: Buffer) => messages.push(JSON.parse(String(data))));
  socket.on("open", () => socket.send(JSON.stringify({type: "hello", path, hash})));
  await next("welcome");
  return {next, types, close: () => socket.close()};
}

describe("the notebook that is served", () => {
  it("has its data from the lake, under an address that holds their hash", async () => {
    const html = await (await get("/index.html")).text();
    expect(html).toContain('<meta name="flowbook-server" content="1">');
    const response = await get(dataAddress(html));
    expect([response.status, await response.json()]).toEqual([200, []]);
    expect(existsSync(join(project.folder, "src/.observablehq/cache/data"))).toBe(false);
  });

  it("lists the pages that are there", async () => {
    const html = await (await get("/captures.html")).text();
    expect(html).toContain("<h1");
    expect(html).toContain('<html lang="en">');
    expect(html).not.toContain("maximum-scale");
    expect([...html.matchAll(/observablehq-link[^>]*><a href="([^"]+)"/g)].map(([, href]) => href)).toEqual([
      "./index.html",
      "./index.html",
      "./captures.html"
    ]);
  });

  it("is rendered once for all who ask for a page at the same time, whatever they add to its address", async () => {
    project.put("src/captures.md", "# Captures, written anew\n");
    const renders = vi.spyOn(PageResults.prototype, "findPage");
    await get("/captures.html");
    const forOne = renders.mock.calls.length;
    expect(forOne).toBeGreaterThan(0);
    project.put("src/captures.md", "# Captures, written once more\n");
    renders.mockClear();
    const texts = await Promise.all(
      Array.from({length: 30}, async (_, k) => (await get(`/captures.html?${k}`)).text())
    );
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toContain("written once more");
    expect(renders.mock.calls.length).toBe(forOne);
    renders.mockRestore();
    const head = await fetch(`${server.url}/captures.html?head`, {
      method: "HEAD",
      headers: {authorization: `Bearer ${server.session}`}
    });
    expect([head.status, head.headers.get("content-type"), await head.text()]).toEqual([
      200,
      "text/html; charset=utf-8",
      ""
    ]);
  });

  it("tells an open page of new data by itself, and of nothing where the data stay the same", async () => {
    const {next, close} = await openPage("/index.html");
    const before = dataAddress(await (await get("/index.html")).text());
    seal("20260101T000000-1");
    const {files} = (await next("update")) as unknown as {files: {added: {name: string; path: string}[]}};
    expect(files.added.map(({name}) => name)).toEqual(["./data/parts.json"]);
    const after = dataAddress(await (await get("/index.html")).text());
    expect(after).not.toBe(before);
    expect(await (await get(after)).json()).toEqual(["20260101T000000-1.parquet"]);
    close();
  });

  /** Puts other data into the result's place, as a renewal does. */
  const publish = (data: unknown) => {
    const path = resultPath(project.lake, "data/parts.json");
    writeFileSync(`${path}.tmp`, JSON.stringify(data));
    renameSync(`${path}.tmp`, path);
  };
  /** Each runs `publish` once, when Framework has compared the page with the data and does not watch them yet. */
  const moments: Record<string, (publish: () => void) => {mockRestore(): void}> = {
    "while it is greeted"(publish) {
      // Framework tells of a message before it sends it.
      return vi.spyOn(console, "log").mockImplementation((_, message) => {
        if (message?.type === "welcome") publish();
      });
    },
    "just before they are watched"(publish) {
      const {watchFiles} = PageResults.prototype;
      return vi.spyOn(PageResults.prototype, "watchFiles").mockImplementationOnce(function (
        this: PageResults,
        ...args
      ) {
        publish();
        return watchFiles.apply(this, args);
      });
    }
  };

  for (const [moment, hook] of Object.entries(moments))
    it(`tells a page of data that came ${moment}, with the code that shows them, and only once`, async () => {
      let published = 0;
      const hooked = hook(() => {
        if (published++ === 0) publish([moment]);
      });
      try {
        const {next, types, close} = await openPage("/index.html");
        const {files, code} = (await next("update")) as unknown as {
          files: {added: {path: string}[]};
          code: {removed: string[]; added: string[]};
        };
        const [{path}] = files.added;
        expect(await (await get(path.slice(1))).json()).toEqual([moment]);
        expect([code.removed.length, code.added.length]).toEqual([1, 1]);
        // A second page is greeted after the first was told all there was.
        const second = await openPage("/index.html");
        expect([types(), second.types()]).toEqual([["welcome", "update"], ["welcome"]]);
        second.close();
        close();
      } finally {
        hooked.mockRestore();
      }
    });

  it("forgets a page that was closed before its files were watched", async () => {
    const {watchFiles} = PageResults.prototype;
    const ended = vi.spyOn(PageResults.prototype, "end");
    const loaded = vi.spyOn(PageResults.prototype, "loadPage");
    let gone: PageResults | undefined;
    const watching = vi.spyOn(PageResults.prototype, "watchFiles").mockImplementationOnce(async function (
      this: PageResults,
      ...args
    ) {
      gone = this;
      await expect.poll(() => ended.mock.contexts).toContain(this);
      return watchFiles.apply(this, args);
    });
    try {
      (await openPage("/index.html")).close();
      const {next, close} = await openPage("/index.html");
      await expect.poll(() => ended.mock.contexts).toContain(gone);
      publish(["after it was closed"]);
      await next("update");
      expect(loaded.mock.contexts.filter((results) => results === gone)).toHaveLength(1);
      close();
    } finally {
      for (const spy of [watching, ended, loaded]) spy.mockRestore();
    }
  });

  it("tells an open page that it was edited", async () => {
    const {next, close} = await openPage("/captures.html");
    project.put("src/captures.md", "# Captures\n\nedited\n");
    expect(JSON.stringify(await next("update"))).toContain("edited");
    close();
  });

  it("keeps files outside the notebook to itself", async () => {
    for (const path of ["/_file/data/..%2f..%2fpackage.json", "/_file/..%2f..%2fpackage.json", "/..%2fpackage.json"])
      expect((await get(path)).status).toBeGreaterThanOrEqual(400);
  });
});

describe("the static site", () => {
  const output = join(project.folder, "site");
  const build = async () => buildSite(await openNotebook(project.folder, project.lake), output, () => {});

  it("holds every page, its data, and a policy that names no other origin", async () => {
    const summary = await build();
    expect(summary.pages).toBe(2);
    const html = readFileSync(join(output, "index.html"), "utf8");
    expect(html).toMatch(/<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src 'self'/);
    expect(readdirSync(join(output, "_file/data"))).toHaveLength(1);
    expect(html).not.toContain("flowbook-server");
    expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
  });

  it("holds a page with an error, which shows it; the others are whole", async () => {
    // Its parts are no Parquet files, which a page that asks would meet.
    rmSync(join(project.lake, "captures"), {recursive: true, force: true});
    for (const name of ["components", "lib"]) symlinkSync(resolve("src", name), join(project.folder, "src", name));
    project.put("src/captures.md", "# Wrong\n\n```js\nconst = 1;\n```\n");
    project.put("src/absent.md", '# Absent\n\n```js\nFileAttachment("none.csv").csv()\n```\n');
    project.put("src/asks.md", "# Asks\n\n```sql\nSELECT nope FROM flows\n```\n");
    const {pages, problems} = await build();
    expect(pages).toBe(4);
    expect(problems.map(({page, problem}) => `${page}: ${problem.split("\n")[0]}`).sort()).toEqual([
      "absent: ./none.csv is not there",
      'asks: Binder Error: Referenced column "nope" not found in FROM clause!',
      "captures: SyntaxError: Unexpected token (1:6)"
    ]);
    expect(readFileSync(join(output, "absent.html"), "utf8")).toContain("./none.csv is not there");
    expect(readFileSync(join(output, "index.html"), "utf8")).not.toContain("observablehq--error");
    expect(readdirSync(project.folder).filter((name) => name.includes(".tmp"))).toEqual([]);
    for (const name of ["absent", "asks"]) rmSync(join(project.folder, `src/${name}.md`));
    project.put("src/captures.md", "# Captures\n");
  });

  it("takes the place of an older site, but not of anything else", async () => {
    await build();
    const other = join(project.folder, "documents");
    project.put("documents/letter.txt", "mine");
    const config = await openNotebook(project.folder, project.lake);
    await expect(buildSite(config, other, () => {})).rejects.toThrow("is not a site of flowbook's");
    expect(readFileSync(join(other, "letter.txt"), "utf8")).toBe("mine");
  });
});
