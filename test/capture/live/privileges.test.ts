import {execFileSync} from "node:child_process";
import {chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync} from "node:fs";
import {join} from "node:path";
import {expect, it} from "vitest";
import {cable, capture, describeLive, folder, newLake} from "./live-lake.ts";
import {flowbookIn, runIn, sendUdp} from "./network.ts";

describeLive("prv", "the privileges of a live capture", () => {
  it("started as root for a lake of someone else gives root up, itself and its capture program", async () => {
    const own = join(folder, "own");
    mkdirSync(own);
    chmodSync(folder, 0o755);
    chownSync(own, 12_345, 12_345);
    const running = await capture(join(own, "lake"), "-f", "udp");
    await sendUdp(cable, 10, 100);
    const users = () =>
      execFileSync("ip", ["netns", "pids", cable.receiver], {encoding: "utf8"})
        .split("\n")
        .filter(Boolean)
        .map((pid) => /^Uid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    await expect.poll(users).toEqual(Array(2).fill("12345\t12345\t12345\t12345"));
    running.process.kill("SIGTERM");
    const {code, stdout} = await running.ended;
    expect([code, JSON.parse(stdout).packets]).toEqual([0, 10]);
    expect(statSync(join(own, "lake", "flows")).uid).toBe(12_345);
  });

  it("started as root for a lake of root gives root and the lake up, and its flows are judged all the same", async () => {
    chmodSync(folder, 0o755);
    const lake = newLake();
    mkdirSync(lake);
    const args = ["capture", "-i", cable.interface, "--lake", lake, "--json", "-f", "udp", "--rotate", "1"];
    const running = flowbookIn(cable.receiver, ...args);
    await running.says("capturing on");
    await sendUdp(cable, 10, 100);
    const users = () =>
      execFileSync("ip", ["netns", "pids", cable.receiver], {encoding: "utf8"})
        .split("\n")
        .filter(Boolean)
        .map((pid) => /^Uid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    await expect.poll(users).toEqual(Array(2).fill("65534\t65534\t65534\t65534"));
    running.process.kill("SIGTERM");
    const {code, stdout, stderr} = await running.ended;
    const {packets, flows, verdicts} = JSON.parse(stdout);
    expect([code, packets, flows > 0, verdicts, stderr.includes("keeps root")]).toEqual([0, 10, true, flows, false]);
    const owners = readdirSync(lake, {recursive: true, encoding: "utf8"}).map((name) => statSync(join(lake, name)).uid);
    expect(new Set([statSync(lake).uid, ...owners])).toEqual(new Set([65_534]));
    // A lake that no other user can reach is metered by root, and that is told.
    const closed = join(folder, "closed");
    mkdirSync(closed, {mode: 0o700});
    const kept = flowbookIn(
      cable.receiver,
      "capture",
      "-i",
      cable.interface,
      "--lake",
      join(closed, "lake"),
      "--no-score",
      "--duration",
      "1"
    );
    expect((await kept.ended).stderr).toContain(`metering keeps root: other users cannot pass ${closed}`);
  });

  it("without the privilege exits with 5 and the command that grants it", async () => {
    const lake = newLake();
    const args = ["--reuid=65534", "--regid=65534", "--clear-groups", "--", process.execPath, "bin/flowbook.js"];
    for (const program of ["dumpcap", "tcpdump"]) {
      const {code, stderr} = await runIn(cable.receiver, "setpriv", [
        ...args,
        "capture",
        "-i",
        cable.interface,
        "--lake",
        lake,
        "--program",
        program
      ]).ended;
      expect([code, stderr]).toEqual([
        5,
        `flowbook: no permission to capture on ${cable.interface} with ${program}\n  sudo setcap cap_net_raw,cap_net_admin=eip /usr/bin/${program}\n`
      ]);
    }
  });
});
