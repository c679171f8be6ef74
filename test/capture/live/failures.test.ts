import {expect, it} from "vitest";
import {installedPrograms} from "../../../capture/live/programs.ts";
import {ask, cable, capture, describeLive, newLake} from "./live-lake.ts";
import {flowbookIn, runIn, sendUdp} from "./network.ts";

const hasCap = installedPrograms("cap", process.env).length > 0;

describeLive("fail", "a live capture that fails", () => {
  it("says of a wrong filter, interface or interface that is down what is wrong, each with its exit code", async () => {
    const run = async (...args: string[]) => {
      const {code, stderr} = await flowbookIn(cable.receiver, "capture", "--lake", newLake(), "--no-score", ...args)
        .ended;
      return [code, stderr.split("\n")[0]];
    };
    const words = `flowbook: filter "tcp prot 80": can't parse filter expression: syntax error`;
    for (const program of ["dumpcap", "tcpdump", ...(hasCap ? ["cap"] : [])])
      expect(await run("-i", cable.interface, "-f", "tcp prot 80", "--program", program)).toEqual([2, words]);
    expect(await run("-i", "nope")).toEqual([2, 'flowbook: there is no interface "nope"']);
    expect(await run("--interface=-w/etc/x")).toEqual([2, 'flowbook: there is no interface "-w/etc/x"']);
    expect(await run()).toEqual([2, "flowbook: there is no default route to take the interface from"]);
    expect(await run("-i", cable.interface, "--filter=-w/tmp/x")).toEqual([2, expect.stringContaining("filter")]);
    await runIn(cable.receiver, "ip", ["link", "add", "fbdown", "type", "veth", "peer", "name", "fbdown2"]).ended;
    for (const program of ["dumpcap", "tcpdump"])
      expect(await run("-i", "fbdown", "--program", program)).toEqual([4, "flowbook: interface fbdown is down"]);
  });

  it("ends sealed, with exit code 8, when the disk has less free than is to stay free", async () => {
    const lake = newLake();
    // Looked after with every part: the packets are there before the first.
    const running = await capture(lake, "-f", "udp", "--rotate", "6", "--disk-floor", "900000G");
    await sendUdp(cable, 10, 100);
    const {code, stderr} = await running.ended;
    expect([code, stderr]).toEqual([8, expect.stringContaining("MB are free on the disk")]);
    expect((await ask(lake, "SELECT packets FROM captures"))[0]).toEqual([10]);
  });

  it("whose capture program is killed keeps what came and says so", async () => {
    const lake = newLake();
    const running = await capture(lake, "-f", "udp", "--rotate", "1", "--events");
    await sendUdp(cable, 100, 1000);
    await running.says('"packets":100,');
    const pids = await runIn(cable.receiver, "ip", ["netns", "pids", cable.receiver]).ended;
    for (const pid of pids.stdout.split("\n").filter(Boolean)) {
      const {stdout} = await runIn(cable.receiver, "cat", [`/proc/${pid}/comm`]).ended;
      if (stdout.trim() === "dumpcap") process.kill(Number(pid), "SIGKILL");
    }
    const {code, stderr} = await running.ended;
    expect([code, stderr]).toEqual([4, expect.stringContaining("dumpcap was ended by SIGKILL")]);
    expect(await ask(lake, "SELECT packets, problem FROM captures")).toEqual([[100, "dumpcap was ended by SIGKILL"]]);
  });

  it("keeps exit code and event of its failure when signals come while it closes", async () => {
    const args = ["capture", "-i", cable.interface, "--lake", newLake(), "--events", "--rotate", "0.5"];
    const running = flowbookIn(cable.receiver, ...args, "--disk-floor", "900000G");
    await running.says('"kind":"started"');
    await sendUdp(cable, 10, 100);
    await running.says('"kind":"failed"');
    for (let n = 0; n < 2; n++) running.process.kill("SIGTERM");
    const {code, stdout} = await running.ended;
    expect(code).toBe(8);
    const news = stdout.split("\n").filter((line) => line.includes('"kind":"failed"'));
    expect(news.map((line) => JSON.parse(line))).toEqual([
      {
        kind: "failed",
        problem: "disk-full",
        message: expect.stringContaining("MB are free on the disk"),
        hint: expect.any(String),
        exit: 8
      }
    ]);
  });

  it("says that its interface is gone, and keeps in words that it was down for a while", async () => {
    const ip = (...args: string[]) => runIn(cable.receiver, "ip", args).ended;
    const programs = ["dumpcap", "tcpdump"];
    for (const program of programs) {
      const lake = newLake();
      await ip("link", "add", "fbgone", "type", "veth", "peer", "name", "fbgone2");
      for (const name of ["fbgone", "fbgone2"]) await ip("link", "set", name, "up");
      const args = ["capture", "-i", "fbgone", "--lake", lake, "--no-score", "--events", "--program", program];
      const running = flowbookIn(cable.receiver, ...args, "--rotate", "1");
      await running.says('"kind":"started"');
      await running.says('"kind":"status"');
      await ip("link", "set", "fbgone", "down");
      await running.says("interface fbgone is down");
      await ip("link", "set", "fbgone", "up");
      await running.says("interface fbgone was down from 20");
      await ip("link", "del", "fbgone");
      const {code, stderr} = await running.ended;
      expect([code, stderr]).toEqual([
        4,
        "flowbook: interface fbgone is gone\n  flowbook interfaces lists those that are there\n"
      ]);
      const [[problem]] = await ask(lake, "SELECT problem FROM captures");
      const time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";
      expect(problem).toMatch(
        new RegExp(`^interface fbgone was down from ${time} to ${time}; interface fbgone is gone$`)
      );
    }
  });

  it("of an interface that is captured into the lake already is refused", async () => {
    const lake = newLake();
    const running = await capture(lake, "-f", "udp");
    const {code, stderr} = await flowbookIn(
      cable.receiver,
      ...["capture", "-i", cable.interface, "--lake", lake, "--no-score", "-f", "udp"]
    ).ended;
    expect([code, stderr]).toEqual([
      3,
      expect.stringContaining(`interface ${cable.interface} is captured into this lake already, by process`)
    ]);
    running.process.kill("SIGTERM");
    expect((await running.ended).code).toBe(0);
  });
});
