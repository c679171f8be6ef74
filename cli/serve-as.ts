import {spawn} from "node:child_process";
import {once} from "node:events";
import {existsSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {readSecret} from "../alerts/secret-text.ts";
import type {Secrets} from "../alerts/secrets.ts";
import type {AlertSettings} from "../alerts/settings.ts";
import {transportNames} from "../alerts/transports/index.ts";
import {homeOf, type Owner} from "../capture/live/privilege.ts";
import {originalOf} from "../scripts/working-copy.js";
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
  // An installed package runs from a copy, and root's cannot be written by anybody else: the other user has his own.
  const served = join(originalOf(projectRoot), "bin/flowbook.js");
  const {FLOWBOOK_INSTALLED: _, ...env} = process.env;
  const child = spawn(process.execPath, [served, "start", ...args, `--lake=${lake}`], {
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

/**
 * The secrets with those that settings name files for (`tokenFile` of `webhook` is `webhookToken`): only root may be able to
 * read them. What is wrong with a file its user is told.
 */
export function withFiles(secrets: Secrets, alerts: AlertSettings): Secrets {
  const all: Record<string, string | null> = {...secrets};
  for (const transport of transportNames) {
    const settings = Object.entries<unknown>({...alerts[transport]});
    for (const [name, path] of settings) {
      const secret = name.replace(/^(.)(.*)File$/, (_, first: string, rest) => transport + first.toUpperCase() + rest);
      if (typeof path !== "string" || all[secret] !== null) continue;
      try {
        all[secret] = readSecret(path);
      } catch {}
    }
  }
  return all as Secrets;
}

/** Whether only root may listen on that port (ip(7)). */
export function needsRoot(port: number): boolean {
  const limit = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
  return port > 0 && port < (existsSync(limit) ? Number(readFileSync(limit, "utf8")) : 1024);
}
