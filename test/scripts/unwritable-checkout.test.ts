import {spawn} from "node:child_process";
import {once} from "node:events";
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, expect} from "vitest";
import {closedTo} from "../../capture/live/privilege.ts";
import {itUnless, notRoot} from "../needs.ts";

const checkout = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "flowbook-unwritable-"));
chmodSync(folder, 0o755);
for (const name of ["home", "work"]) {
  mkdirSync(join(folder, name));
  chmodSync(join(folder, name), 0o777);
}
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const nobody = {uid: 65_534, gid: 65_534};
const closed = notRoot ? null : closedTo(nobody, folder, checkout);

/** Files below a folder of the checkout, packages and what others' tests make at the same time aside. */
const cached = (path: string) => (existsSync(path) ? readdirSync(path, {recursive: true}).length : 0);

itUnless(notRoot ?? (closed && `other users cannot pass ${closed}`))(
  "a checkout that its user cannot write is started from a copy, with the lake in the working folder",
  async () => {
    const {FLOWBOOK_INSTALLED: _, XDG_CACHE_HOME: __, ...env} = process.env;
    const args = ["start", "--json", "--no-open", "--no-demo", "--port", "0"];
    const child = spawn(
      "setpriv",
      [
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--",
        process.execPath,
        join(checkout, "bin/flowbook.js"),
        ...args
      ],
      {cwd: join(folder, "work"), env: {...env, HOME: join(folder, "home")}, stdio: ["ignore", "pipe", "pipe"]}
    );
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const ended = once(child, "exit");
    const [printed] = await Promise.race([once(child.stdout.setEncoding("utf8"), "data"), ended.then(() => [said])]);
    const {url, link} = JSON.parse(printed as string) as {url: string; link: string};
    const cookie = (await fetch(link)).headers.get("set-cookie")?.split(";")[0] ?? "";
    const page = await fetch(`${url}/index.html`, {headers: {cookie}});
    expect([page.status, (await page.text()).includes("observablehq--error")]).toEqual([200, false]);
    // The pages are the checkout's own.
    const [copied] = readdirSync(join(folder, "home/.cache/flowbook")).filter((name) => !name.startsWith("tsx-"));
    expect(realpathSync(join(folder, "home/.cache/flowbook", copied, "src/index.md"))).toBe(
      join(checkout, "src/index.md")
    );
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect(said.replace(/^flowbook: for another browser: .*\n/m, "")).toBe(
      `flowbook: ${checkout} cannot be written: it is served from a copy, and new pages show after the next start\n`
    );
    expect(readdirSync(join(folder, "work"))).toEqual(["data"]);
    const [copy] = readdirSync(join(folder, "home/.cache/flowbook")).filter((name) => !name.startsWith("tsx-"));
    const root = join(folder, "home/.cache/flowbook", copy);
    expect(cached(join(root, "src/.observablehq/cache/_npm"))).toBeGreaterThan(10);
    // What a package has, and no more.
    expect(existsSync(join(root, "test"))).toBe(false);
    expect(readFileSync(join(root, ".working-copy"), "utf8")).toBe(`${checkout}\n`);
  }
);
