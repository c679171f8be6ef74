import {execFileSync} from "node:child_process";
import {readFileSync} from "node:fs";
import {join, resolve} from "node:path";
import {expect, it} from "vitest";
import {openEngine} from "../../../capture/partitions/engine.ts";

const project = resolve(import.meta.dirname, "../../..");

async function ask(sql: string, hasFiles: boolean): Promise<unknown> {
  const instance = await openEngine("128MB", "", hasFiles);
  const connection = await instance.connect();
  try {
    return (await (await connection.run(sql)).getRows())[0][0];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

it("no engine fetches or loads an extension by itself, and one without files reads none", async () => {
  const names = ["autoinstall_known_extensions", "autoload_known_extensions", "allow_community_extensions"];
  for (const name of names) expect([name, await ask(`SELECT current_setting('${name}')`, true)]).toEqual([name, false]);
  const read = `SELECT count(*) FROM read_text('${join(project, "package.json")}')`;
  expect(await ask(read, true)).toBe(1n);
  await expect(ask(read, false)).rejects.toThrow("disabled by configuration");
});

it("engines are made in two places, with the same closed settings", () => {
  const files = execFileSync("git", ["ls-files", "*.ts"], {cwd: project, encoding: "utf8"}).split("\n");
  const making = files.filter(
    (file) =>
      file !== "" &&
      !file.startsWith("test/") &&
      readFileSync(join(project, file), "utf8").includes('.create(":memory:"')
  );
  expect(making).toEqual(["capture/partitions/engine.ts", "loaders/lake/duckdb.ts"]);
  for (const file of making) expect(readFileSync(join(project, file), "utf8")).toContain("...closedSettings");
});
