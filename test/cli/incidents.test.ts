import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it, vi} from "vitest";
import {main} from "../../cli/flowbook.ts";
import {addCapture, scan} from "../alerts/lake.ts";

interface Listed {
  readonly incident_id: string;
  readonly class: string;
  readonly severity: string;
  readonly src_ip: string;
  readonly flows: number;
  readonly label: string | null;
  readonly findings: readonly {readonly name: string}[];
}

describe("flowbook incidents", () => {
  let lake: string;

  beforeAll(async () => {
    lake = join(mkdtempSync(join(tmpdir(), "flowbook-incidents-cli-")), "lake");
    let now = 1_790_000_000_000;
    const clock = () => (now += 1000);
    await addCapture(lake, "a.pcap", scan("a"), clock);
    await addCapture(lake, "b.pcap", scan("b", {from: "10.0.0.6", at: 60}), clock);
  });
  afterAll(() => rmSync(join(lake, ".."), {recursive: true, force: true}));

  async function run(...args: string[]): Promise<{code: number; out: string; err: string}> {
    const said = {out: [] as string[], err: [] as string[]};
    const out = vi.spyOn(console, "log").mockImplementation((text) => void said.out.push(String(text)));
    const err = vi.spyOn(console, "error").mockImplementation((text) => void said.err.push(String(text)));
    try {
      const code = await main(["incidents", ...args, "--lake", lake]);
      return {code, out: said.out.join("\n"), err: said.err.join("\n")};
    } finally {
      out.mockRestore();
      err.mockRestore();
    }
  }

  const list = async (...args: string[]) =>
    (JSON.parse((await run("list", "--json", ...args)).out) as {incidents: Listed[]}).incidents;

  it("lists them with class, severity, hosts, flows and findings", async () => {
    const found = await list();
    expect(found.map((one) => [one.class, one.severity, one.src_ip, one.flows, one.findings[0].name])).toEqual([
      ["PortScan", "medium", "10.0.0.5", 40, "port_scan"],
      ["PortScan", "medium", "10.0.0.6", 40, "port_scan"]
    ]);
    expect(await list("--severity", "high")).toEqual([]);
    expect(await list("--class", "Botnet")).toEqual([]);
    expect((await run("--fail-on", "medium")).code).toBe(7);
    expect((await run("--fail-on", "high")).code).toBe(0);
  });

  it("shows one with its findings and the flows that matter most", async () => {
    const [{incident_id}] = await list();
    const {out} = await run("show", incident_id);
    expect(out).toContain("rule port_scan (medium, 0.89): 10.0.0.5 probed 40 TCP ports of 192.0.2.10");
    expect(out).toContain("the 20 that matter most of 40 flows:");
    const {flows} = JSON.parse((await run("show", incident_id, "--json")).out) as {flows: {contribution: number}[]};
    expect(flows.length).toBe(20);
    expect(flows[0].contribution).toBeCloseTo(1 / 40, 6);
  });

  it("labels one, with a note, and takes the label away", async () => {
    const [{incident_id}] = await list();
    expect((await run("label", incident_id, "false", "--note", "our own scan")).out).toBe(
      `${incident_id} is labelled false`
    );
    expect((await list()).map(({label}) => label)).toEqual(["false", null]);
    expect((await run("label", incident_id, "none")).out).toBe(`${incident_id} has no label`);
    expect((await list()).map(({label}) => label)).toEqual([null, null]);
  });

  it("refuses another label, an incident that is not there, and what it cannot do", async () => {
    const [{incident_id}] = await list();
    expect(await run("label", incident_id, "maybe")).toMatchObject({
      code: 2,
      err: "flowbook: incidents: label: expected true, false, unknown, found maybe"
    });
    expect(await run("show", "0000000000000000")).toMatchObject({
      code: 2,
      err: "flowbook: incidents: the lake has no incident 0000000000000000"
    });
    expect((await run("burn")).err).toContain("incidents: cannot do burn");
    expect((await run("show")).err).toContain('incidents show: expected ID, found ""');
  });
});
