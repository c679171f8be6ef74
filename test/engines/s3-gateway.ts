import {type ChildProcess, execFileSync, spawn} from "node:child_process";
import {randomBytes} from "node:crypto";
import {existsSync, openSync} from "node:fs";
import {join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {cacheFolder} from "../../scripts/working-copy.js";
import type {StoreKeys} from "./cluster.ts";
import {freePort} from "./tables.ts";

const version = "v1.8.0";

export interface Gateway {
  readonly keys: StoreKeys;
  stop(): void;
}

/**
 * Starts versitygw, a server that speaks S3 and whose buckets are the folders of `root`: what DuckDB writes there, others read
 * as objects. It is fetched and compiled once, by Go, and kept in the cache folder.
 */
export async function startGateway(root: string): Promise<Gateway> {
  const folder = join(cacheFolder(), `versitygw-${version}`);
  if (!existsSync(join(folder, "versitygw")))
    execFileSync("go", ["install", `github.com/versity/versitygw/cmd/versitygw@${version}`], {
      env: {...process.env, GOBIN: folder},
      stdio: ["ignore", 2, 2]
    });
  const port = await freePort();
  const keys: StoreKeys = {
    endpoint: `http://127.0.0.1:${port}`,
    accessKeyId: "flowbook",
    secretAccessKey: randomBytes(16).toString("hex")
  };
  const log = openSync(join(root, "gateway.log"), "w", 0o600);
  const child: ChildProcess = spawn(
    join(folder, "versitygw"),
    ["--port", `127.0.0.1:${port}`, "--quiet", "posix", "--nometa", root],
    {
      env: {...process.env, ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey},
      stdio: ["ignore", log, log]
    }
  );
  for (let tries = 0; tries < 100; tries++) {
    if (child.exitCode !== null) break;
    const isUp = await fetch(keys.endpoint).then(
      () => true,
      () => false
    );
    if (isUp) return {keys, stop: () => void child.kill("SIGKILL")};
    await sleep(100);
  }
  child.kill("SIGKILL");
  throw new Error("the store's gateway did not start: see its gateway.log");
}
