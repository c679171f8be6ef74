import {spawnSync} from "node:child_process";
import {readFileSync} from "node:fs";
import {resolve} from "node:path";
import {describe, expect, it} from "vitest";

const bin = resolve(import.meta.dirname, "../../bin/flowbook.js");
const hook = `data:text/javascript,${encodeURIComponent(`process.on("exit", () => {
  const {user, system} = process.cpuUsage();
  const {sharedObjects} = process.report.getReport();
  const addons = sharedObjects.filter((path) => path.endsWith(".node")).length;
  process.stderr.write("\\n" + JSON.stringify({cpuUs: user + system, addons}));
})`)}`;

/** What a command printed, its CPU time and how many native addons it loaded. */
function run(...args: string[]): {stdout: string; cpuUs: number; addons: number} {
  const {stdout, stderr} = spawnSync(process.execPath, ["--import", hook, ...args], {encoding: "utf8"});
  return {stdout, ...JSON.parse(stderr.trim().split("\n").at(-1)!)};
}

/** The lowest CPU time of three runs. */
const leastCpu = (...args: string[]) => Math.min(...[1, 2, 3].map(() => run(...args).cpuUs));

describe("flowbook --help", () => {
  it("names every verb with a line", () => {
    const {stdout, addons} = run(bin, "--help");
    const names = stdout.match(/^ {2}[a-z]+(?= {2,}\S)/gm)?.map((line) => line.trim());
    expect(names?.slice(0, 3)).toEqual(["start", "import", "capture"]);
    expect(addons).toBe(0);
  });

  it("takes no more CPU time than starting Node eight times", () => {
    run(bin, "--help");
    expect(leastCpu(bin, "--help") / leastCpu("-e", "0")).toBeLessThan(8);
  });
});

describe("flowbook --version", () => {
  it("names this program's version and what it runs on, without a lake", () => {
    const {version} = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../package.json"), "utf8"));
    const said = `flowbook ${version} (Node ${process.versions.node}, ${process.platform} ${process.arch})\n`;
    for (const way of ["--version", "version", "-V"]) expect(run(bin, way)).toMatchObject({stdout: said, addons: 0});
  });
});

describe("the help of one verb", () => {
  for (const verb of ["start", "build"])
    it(`${verb} --help loads neither DuckDB nor the server`, () => {
      const {stdout, addons} = run(bin, verb, "--help");
      expect(stdout).toMatch(new RegExp(`^flowbook ${verb} \\[[\\s\\S]*--lake +folder of the lake`));
      expect(addons).toBe(0);
    });
});
