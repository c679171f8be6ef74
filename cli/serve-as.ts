import {spawn} from "node:child_process";
import {once} from "node:events";
import {existsSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {readSecret, type Secrets} from "../alerts/secrets.ts";
import type {AlertSettings} from "../alerts/settings.ts";
import {homeOf, type Owner} from "../capture/live/privilege.ts";
import {launchChild} from "../server/live/capture-process.ts";
import {serveLaunches} from "../server/live/parent-launch.ts";
import {configHome, projectRoot} from "./configuration.ts";
import {type ExitCode, exit} from "./verb.ts";

/** Marks a server that this process's root parent started. */
const mark = "FLOWBOOK_ROOT_PARENT";

export interface ServedAs {
  readonly owner: Owner;
  readonly lake: string;
  /** Of the command line, without the verb. */
  readonly args: readonly string[];
  readonly secrets: Secrets;
}

/**
 * Runs `flowbook start` as another user and waits for its end. This process stays root and does nothing but start captures for
 * it, which begin as root and give it up themselves; what is read from the network, from captures and from lakes is read
 * by the other one and what that starts.
 */
export async function serveAs({owner, lake, args, secrets}: ServedAs): Promise<ExitCode> {
  const program = join(projectRoot, "bin/flowbook.js");
  const {FLOWBOOK_INSTALLED: _, ...env} = process.env;
  const child = spawn(process.execPath, [program, "start", ...args, `--lake=${lake}`], {
    ...owner,
    env: {...env, HOME: homeOf(owner) ?? "/nonexistent", XDG_CONFIG_HOME: configHome(), [mark]: "1"},
    stdio: ["inherit", "inherit", "inherit", "ipc"]
  });
  const serve = serveLaunches(launchChild([process.execPath, program], lake), (news) => {
    if (child.connected) child.send(news);
  });
  child.on("message", (message) => {
    if ((message as {kind?: unknown}).kind === "secrets") child.send(secrets);
    else serve(message);
  });
  // A Ctrl-C in the terminal reaches the child by itself.
  const ignore = () => {};
  const terminate = () => void child.kill("SIGTERM");
  process.on("SIGINT", ignore).on("SIGTERM", terminate);
  const [code] = (await once(child, "exit")) as [number | null];
  process.off("SIGINT", ignore).off("SIGTERM", terminate);
  return (code ?? exit.internal) as ExitCode;
}

/** Waits for the secrets where a root parent started this process; null where none did. */
export async function secretsOfParent(): Promise<Secrets | null> {
  if (!process.env[mark] || !process.send) return null;
  delete process.env[mark];
  process.send({kind: "secrets"});
  const [secrets] = (await once(process, "message")) as [Secrets];
  return secrets;
}

/** The secrets with those that lie in files: only root may be able to read them. What is wrong with a file its user is told. */
export function withFiles(secrets: Secrets, {smtp, webhook}: AlertSettings): Secrets {
  const from = (path: string | null | undefined) => {
    try {
      return path ? readSecret(path) : null;
    } catch {
      return null;
    }
  };
  return {
    smtpPassword: secrets.smtpPassword ?? from(smtp?.passwordFile),
    webhookToken: secrets.webhookToken ?? from(webhook?.tokenFile),
    webhookUrl: secrets.webhookUrl ?? webhook?.url ?? from(webhook?.urlFile)
  };
}

/** Whether only root may listen on that port (ip(7)). */
export function needsRoot(port: number): boolean {
  const limit = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
  return port > 0 && port < (existsSync(limit) ? Number(readFileSync(limit, "utf8")) : 1024);
}
