import {appendFileSync, copyFileSync, readdirSync, statSync} from "node:fs";
import {join} from "node:path";
import {expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {ask, cable, capture, describeLive, folder, newLake} from "./live-lake.ts";
import {flowbookIn, runIn, sendUdp} from "./network.ts";

describeLive("pkt", "packets of a live capture's flows", () => {
  it("keeps packets in a ring, from which those of a flow are exported", async () => {
    const lake = newLake();
    const running = await capture(lake, "-f", "udp dst port 7000", "--rotate", "1");
    await sendUdp(cable, 400, 1000, 50, 4);
    running.process.kill("SIGTERM");
    await running.ended;
    const [[hash]] = await ask(lake, "SELECT capture_sha256 FROM captures");
    const ring = join(lake, "packets", String(hash));
    expect(readdirSync(ring).sort()).toEqual(["000000.idx", "000000.json", "000000.pcap"]);
    expect(statSync(join(ring, "000000.pcap")).mode & 0o777).toBe(0o600);
    const to = join(folder, "two.pcap");
    const exported = await flowbookIn(
      cable.receiver,
      "export",
      "packets",
      "--where",
      "40002 IN (src_port, dst_port)",
      "-w",
      to,
      "--lake",
      lake,
      "--json"
    ).ended;
    expect(JSON.parse(exported.stdout)).toMatchObject({packets: 100, flows: 1, selected_flows: 1, missing: []});
    const read = await runIn(cable.receiver, "tcpdump", ["-n", "-r", to]).ended;
    expect(read.stdout.trim().split("\n").length).toBe(100);
    expect(read.stdout).not.toContain(".40001 >");
  });

  it("of an imported file exports a flow's packets by reading the file again, unless it changed", async () => {
    const [live, lake] = [newLake(), newLake()];
    const running = await capture(live, "-f", "udp dst port 7000");
    await sendUdp(cable, 300, 1000, 50, 3);
    running.process.kill("SIGTERM");
    await running.ended;
    const [file, to] = [join(folder, "import.pcap"), join(folder, "again.pcap")];
    const [[hash]] = await ask(live, "SELECT capture_sha256 FROM captures");
    copyFileSync(join(live, "packets", String(hash), "000000.pcap"), file);
    await importCaptures([file], {lake, clock: Date.now});
    const args = ["export", "packets", "--where", "40001 IN (src_port, dst_port)", "-w", to, "--lake", lake, "--json"];
    expect(JSON.parse((await flowbookIn(cable.receiver, ...args).ended).stdout)).toMatchObject({
      packets: 100,
      flows: 1,
      missing: []
    });
    const read = await runIn(cable.receiver, "tcpdump", ["-n", "-r", to]).ended;
    expect(
      read.stdout
        .trim()
        .split("\n")
        .filter((line) => line.includes("40001")).length
    ).toBe(100);
    appendFileSync(file, "x");
    const {code, stderr} = await flowbookIn(cable.receiver, ...args).ended;
    expect([code, stderr]).toEqual([4, expect.stringContaining("is another file now")]);
  });
});
