import {execFile, execFileSync, spawn} from "node:child_process";
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {promisify} from "node:util";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {type Cable, layCable, noNamespaces} from "../capture/live/network.ts";
import {type Mail, mailServer, mailText, type Receiver} from "./receivers.ts";

const why = noNamespaces();
if (why) console.warn(`alerts of a live capture are not tested: ${why}`);

const project = resolve(import.meta.dirname, "../..");
/** Connects to ports one after the other, as a scanner does that has no privileges. */
const scanner = `const net = require("node:net");
let port = 1;
const next = () => {
  if (port > 60) return;
  const socket = net.connect(port++, process.argv[1]);
  socket.on("error", () => setTimeout(next, 5));
  socket.on("connect", () => socket.destroy(next()));
};
next();`;

describe.skipIf(why !== null)("a port scan while a capture runs", () => {
  let folder: string;
  let cable: Cable;
  let server: Receiver<Mail>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "flowbook-alert-capture-"));
    cable = layCable("alr");
    server = await mailServer({secure: false, disabledCommands: ["STARTTLS"]});
  });
  afterAll(async () => {
    cable?.remove();
    await server?.close();
    rmSync(folder, {recursive: true, force: true});
  });

  it("is mailed by the capture itself, without a server of pages", async () => {
    mkdirSync(join(folder, "flowbook"));
    // The capture runs in this test's network, where the mail server is; its packets come from a namespace.
    writeFileSync(
      join(folder, "flowbook/flowbook.toml"),
      `[alerts]\n[alerts.smtp]\nhost = "127.0.0.1"\nport = ${server.port}\nencryption = "none"\nfrom = "a@x.example"\nto = ["b@x.example"]\n`
    );
    const outer = `fbo${process.pid}`.slice(0, 15);
    const ip = (...args: string[]) => execFileSync("ip", args, {stdio: "pipe"});
    ip("link", "add", outer, "type", "veth", "peer", "name", "fbi", "netns", cable.sender);
    try {
      ip("addr", "add", "10.204.0.1/24", "dev", outer);
      ip("link", "set", outer, "up");
      ip("-n", cable.sender, "addr", "add", "10.204.0.2/24", "dev", "fbi");
      ip("-n", cable.sender, "link", "set", "fbi", "up");
      const lake = join(folder, "lake");
      const args = ["capture", "-i", outer, "-f", "tcp", "--lake", lake, "--rotate", "1", "--duration", "20", "--json"];
      const child = spawn(process.execPath, [join(project, "bin/flowbook.js"), ...args], {
        cwd: folder,
        env: {...process.env, XDG_CONFIG_HOME: folder},
        stdio: ["ignore", "ignore", "pipe"]
      });
      let said = "";
      const started = new Promise<void>((begun) =>
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
          said += text;
          if (said.includes("capturing on")) begun();
        })
      );
      const ended = new Promise<number | null>((done) => child.on("close", done));
      await Promise.race([started, ended]);
      await promisify(execFile)("ip", ["netns", "exec", cable.sender, process.execPath, "-e", scanner, "10.204.0.1"]);
      expect([await ended, said]).toEqual([0, expect.stringContaining("capturing on")]);
      expect(server.got.length).toBe(1);
      expect(mailText(server.got[0])).toMatch(
        /^1\. port scan \(medium\): 10\.204\.0\.2 probed \d+ TCP ports of 10\.204\.0\.1 in [^\n]*\n {3}time:/
      );
    } finally {
      ip("link", "del", outer);
    }
  });
});
