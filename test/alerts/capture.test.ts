import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {type Cable, layCable, noNamespaces, runIn} from "../capture/live/network.ts";
import {describeUnless} from "../needs.ts";
import {type Mail, mailServerAt, mailText, type Receiver} from "./receivers.ts";

const why = noNamespaces();

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
/** Passes connections to port 25 of a namespace on to a socket in the file system, which knows no namespaces. */
const relay = `const net = require("node:net");
const pass = (from, to) => from.on("error", () => to.destroy()).pipe(to);
net
  .createServer((near) => {
    const far = net.connect(process.argv[1]);
    pass(near, far);
    pass(far, near);
  })
  .listen(25, "127.0.0.1", () => console.log("relaying"));`;

describeUnless(why)("a port scan while a capture runs", () => {
  let folder: string;
  let cable: Cable;
  let server: Omit<Receiver<Mail>, "port">;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "flowbook-alert-capture-"));
    cable = layCable("alr");
    const path = join(folder, "mail");
    server = await mailServerAt(path, {secure: false, disabledCommands: ["STARTTLS"]});
    await runIn(cable.receiver, process.execPath, ["-e", relay, path]).says("relaying");
  });
  afterAll(async () => {
    cable?.remove();
    await server?.close();
    rmSync(folder, {recursive: true, force: true});
  });

  it("is mailed by the capture itself, without a server of pages", async () => {
    mkdirSync(join(folder, "flowbook"));
    writeFileSync(
      join(folder, "flowbook/flowbook.toml"),
      `[alerts]\n[alerts.smtp]\nhost = "127.0.0.1"\nport = 25\nencryption = "none"\nfrom = "a@x.example"\nto = ["b@x.example"]\n`
    );
    const options = ["-f", "tcp", "--lake", join(folder, "lake"), "--rotate", "1", "--duration", "20", "--json"];
    const args = ["bin/flowbook.js", "capture", "-i", cable.interface, ...options];
    const capture = runIn(cable.receiver, process.execPath, args, {XDG_CONFIG_HOME: folder});
    await capture.says("capturing on");
    const scan = await runIn(cable.sender, process.execPath, ["-e", scanner, cable.receiverAddress]).ended;
    expect(scan).toMatchObject({code: 0, stderr: ""});
    expect(await capture.ended).toMatchObject({code: 0});
    expect(server.got.length).toBe(1);
    expect(mailText(server.got[0])).toMatch(
      /^1\. port scan \(medium\): 10\.201\.0\.1 probed \d+ TCP ports of 10\.201\.0\.2 in [^\n]*\n {3}time:/
    );
  });
});
