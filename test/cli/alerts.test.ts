import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it, vi} from "vitest";
import {main} from "../../cli/flowbook.ts";
import {addCapture, scan} from "../alerts/lake.ts";
import {type Post, type Receiver, webServer} from "../alerts/receivers.ts";

let folder: string;
let lake: string;
let hook: Receiver<Post>;
let lakeMs = 1_790_000_000_000;
const clock = () => (lakeMs += 1000);
const configHome = process.env.XDG_CONFIG_HOME;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-cli-alerts-"));
  lake = join(folder, "lake");
  hook = await webServer(() => [200]);
  process.env.XDG_CONFIG_HOME = join(folder, "config");
  await addCapture(lake, "a.pcap", scan("a"), clock);
  await addCapture(lake, "b.pcap", scan("b", {from: "10.0.0.6", at: 60}), clock);
});
afterAll(async () => {
  if (configHome === undefined) delete process.env.XDG_CONFIG_HOME;
  else process.env.XDG_CONFIG_HOME = configHome;
  await hook.close();
  rmSync(folder, {recursive: true, force: true});
});

async function run(...args: string[]): Promise<{code: number; out: string; err: string}> {
  const out = vi.spyOn(console, "log").mockImplementation(() => {});
  const err = vi.spyOn(console, "error").mockImplementation(() => {});
  const written = vi.spyOn(process.stdout, "write").mockImplementation(() => true);
  try {
    const code = await main([...args, "--lake", lake]);
    const lines = [...out.mock.calls, ...written.mock.calls.map(([text]) => [text])];
    return {code, out: lines.flat().join("\n"), err: err.mock.calls.flat().join("\n")};
  } finally {
    for (const spy of [out, err, written]) spy.mockRestore();
  }
}

function configure(text: string): void {
  mkdirSync(join(folder, "config/flowbook"), {recursive: true});
  writeFileSync(join(folder, "config/flowbook/flowbook.toml"), text);
}

async function listed(...args: string[]) {
  const {out} = await run("notices", "--json", ...args);
  return (
    JSON.parse(out) as {notices: {notice_id: string; src_ip: string; acknowledged: unknown; comments: unknown[]}[]}
  ).notices;
}

describe("flowbook notices", () => {
  it("acknowledges, comments and suppresses; what is hidden is counted, and listed with --all", async () => {
    const [first, second] = await listed();
    expect((await run("notices", "--ack", first.notice_id, "--note", "our own scan")).out).toBe(
      "1 acknowledged, 0 comments, 0 suppressions"
    );
    await run("notices", "--comment", second.notice_id, "--note", "asked the owner");
    expect((await listed()).map(({src_ip, comments}) => [src_ip, comments.length])).toEqual([["10.0.0.6", 1]]);
    const suppressed = await run(
      "notices",
      "--suppress",
      "--src",
      "10.0.0.6",
      "--for",
      "7d",
      "--note",
      "a scanner",
      "--json"
    );
    const {suppressions} = JSON.parse(suppressed.out);
    expect(suppressions[0]).toMatchObject({rule: null, src: "10.0.0.6", dst: null, reason: "a scanner"});
    expect(suppressions[0].untilMs - suppressions[0].createdMs).toBe(7 * 86_400_000);
    expect(await run("notices", "--fail-on", "low")).toMatchObject({
      code: 0,
      out: "no notices",
      err: "2 acknowledged or suppressed, listed with --all"
    });
    const {out} = await run("notices", "--all");
    expect(out).toContain("    acknowledged: our own scan\n");
    expect(out).toContain("    comment: asked the owner");
    await run("notices", "--unsuppress", suppressions[0].id);
    await run("notices", "--unack", first.notice_id);
    expect((await listed()).length).toBe(2);
  });

  it("refuses what is no notice, or two changes at once", async () => {
    expect(await run("notices", "--ack", "0000000000000000")).toMatchObject({
      code: 2,
      err: "flowbook: notices: the lake has no notice 0000000000000000"
    });
    expect((await run("notices", "--suppress", "--note", "x")).err).toContain("expected a rule or a host to suppress");
    expect((await run("notices", "--ack", "a", "--unack", "b")).err).toContain(
      "expected one change at a time, found --ack, --unack"
    );
  });

  it("prints text for the firewall and applies nothing", async () => {
    const [{notice_id}] = await listed();
    const {code, out} = await run("notices", "--nftables", notice_id);
    expect([code, out.split("\n").filter((line) => line.includes("saddr"))[0]]).toEqual([
      0,
      "    ip saddr 10.0.0.5 ip daddr 192.0.2.10 counter drop"
    ]);
  });
});

describe("flowbook alerts", () => {
  it("says that they are off, and what would turn them on", async () => {
    expect((await run("alerts")).out).toContain("alerts are off: flowbook.toml has no [alerts.smtp]");
    expect(await run("alerts", "test")).toMatchObject({code: 3, err: expect.stringContaining("docs/alerts.md")});
    configure('[alerts.smtp]\npassword = "sesame"\nhost = "x.example"\nfrom = "a@x.example"\nto = ["b@x.example"]\n');
    const refused = await run("alerts");
    expect([refused.code, refused.err.includes("alerts.smtp.password"), refused.err.includes("sesame")]).toEqual([
      3,
      true,
      false
    ]);
  });

  it("sends a test message with a token that leaves the environment, then what is new, once", async () => {
    configure(
      `[alerts]\nlink = "https://notes.example"\n[alerts.webhook]\nurl = "http://127.0.0.1:${hook.port}/hook"\n`
    );
    process.env.FLOWBOOK_WEBHOOK_TOKEN = "t0ken";
    expect(await run("alerts", "test", "webhook")).toMatchObject({
      code: 0,
      out: `webhook: sent to http://127.0.0.1:${hook.port}`
    });
    expect([hook.got[0].headers.authorization, process.env.FLOWBOOK_WEBHOOK_TOKEN]).toEqual([
      "Bearer t0ken",
      undefined
    ]);
    expect((await run("alerts", "test", "smtp")).code).toBe(2);
    expect((await run("alerts", "send")).out).toBe("0 delivered, 0 failed");
    await addCapture(lake, "c.pcap", scan("c", {from: "10.0.0.7"}), clock);
    expect((await run("alerts", "send")).out).toBe("1 delivered, 0 failed");
    expect((await run("alerts", "send")).out).toBe("0 delivered, 0 failed");
    const {incidents} = JSON.parse(hook.got[1].body);
    expect(incidents.map(({src_ip, link}: {src_ip: string; link: string}) => [src_ip, link.slice(0, 34)])).toEqual([
      ["10.0.0.7", "https://notes.example/incident.htm"]
    ]);
    const status = await run("alerts", "status");
    expect(status.out).toContain(
      "1 messages about 1 incidents; 0 wait for the next; not sent: 0 that continue an earlier one, 0 below the threshold, muted or reviewed, 0 beyond the length of a message"
    );
    expect(`${status.out}${(await run("alerts", "--json")).out}`).not.toMatch(/t0ken|\/hook/);
  });
});
