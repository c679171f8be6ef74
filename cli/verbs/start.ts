import {spawn} from "node:child_process";
import {existsSync, mkdirSync, readdirSync, realpathSync} from "node:fs";
import {isIP} from "node:net";
import {join} from "node:path";
import type {Secrets} from "../../alerts/secrets.ts";
import {noAlerts} from "../../alerts/settings.ts";
import {handOver, isAllowed, successor} from "../../capture/live/privilege.ts";
import {canWriteLake, stateFolder} from "../../loaders/lake/state-folder.ts";
import {demoFiles} from "../../loaders/results/demo-captures.ts";
import {originalOf} from "../../scripts/working-copy.js";
import {pagesFolder} from "../../server/notebook/new-page.ts";
import {ownStdout} from "../../server/notebook/quiet.ts";
import type {RunningServer} from "../../server/start.ts";
import {projectRoot, readConfiguration} from "../configuration.ts";
import {currentNotebook} from "../current-notebook.ts";
import {saysFull} from "../disk-problem.ts";
import {filesToRead, tellKept} from "../leave-root.ts";
import {loaderSettings} from "../loader-settings.ts";
import {needsRoot, secretsOfParent, serveAs, withFiles} from "../serve-as.ts";
import {type ExitCode, exit, type Invocation, UserError, type Verb} from "../verb.ts";

const defaultPort = 3000;

export const verb: Verb = {
  name: "start",
  usage: "[--edit] [--api] [--port N] [--no-open] [--host ADDRESS --public-origin URL]",
  options: {
    edit: {type: "boolean"},
    api: {type: "boolean"},
    port: {type: "string"},
    host: {type: "string"},
    "public-origin": {type: "string"},
    "no-open": {type: "boolean"},
    "no-demo": {type: "boolean"}
  },
  help: {
    edit: "print the folder of the pages; open pages reload on each save, also without this option",
    api: "also print the token that programs send as Authorization: Bearer (docs/from-elsewhere.md)",
    port: `port to listen on (default ${defaultPort}, or the next that is free)`,
    host: "address to listen on (default 127.0.0.1)",
    "public-origin": "https address of the reverse proxy, required if other machines can reach the host",
    "no-open": "do not open a browser",
    "no-demo": "do not import the demo capture into a new lake"
  },
  async run({lake, json, values, secrets: given}) {
    const inherited = await secretsOfParent();
    if (inherited === null) {
      const code = await withoutRoot(lake, values, json, given);
      if (code !== null) return code;
    }
    const secrets = inherited ?? given;
    const [{transportsOf}, {startServer}] = await Promise.all([
      import("../../alerts/transports/index.ts"),
      import("../../server/start.ts")
    ]);
    const {launchByParent} = await import("../../server/live/parent-launch.ts");
    const {project} = currentNotebook();
    const port = portOf(values.port as string | undefined);
    const host = (values.host as string | undefined) ?? "127.0.0.1";
    const publicOrigin = publicOriginOf(values["public-origin"] as string | undefined, host);
    const firstCaptures = isNew(lake) && !values["no-demo"] ? demoFiles() : [];
    if (!existsSync(lake)) mkdirSync(lake, {recursive: true, mode: 0o700});
    const isReadOnly = !canWriteLake(lake);
    if (isReadOnly)
      console.error(
        `flowbook: ${lake} cannot be written: it is shown as it is, with its results in ${stateFolder(lake)}`
      );
    const {uploadLimitBytes, keptBytes, alerts: configured} = readConfiguration();
    // Who was told of what could not be remembered.
    const alerts = isReadOnly ? noAlerts : configured;
    const print = ownStdout();
    if (firstCaptures.length > 0) console.error("flowbook: a new lake: importing the demo capture …");
    const server = await startServer({
      lake,
      project,
      host,
      port: port ?? defaultPort,
      anyPort: port === null,
      publicOrigin,
      uploadLimitBytes,
      keptBytes,
      alerts: {settings: alerts, transports: transportsOf(alerts, secrets)},
      onWarning: (text) => console.error(`flowbook: ${text}`),
      settings: loaderSettings(),
      firstCaptures,
      now: Date.now,
      onLink: (link) => console.error(`flowbook: for another browser: ${link}`),
      launch: inherited === null ? undefined : launchByParent()
    }).catch((error: NodeJS.ErrnoException) => {
      throw listenError(error, host, port ?? defaultPort);
    });
    if (server.firstError && saysFull(server.firstError)) {
      await server.close();
      throw new Error(server.firstError.split("\n").find(saysFull));
    }
    if (server.firstError) console.error(`flowbook: ${server.firstError}`);
    const {url, link, session} = server;
    const told = {url, link, ...(values.api ? {session} : {})};
    print(json ? `${JSON.stringify(told)}\n` : `flowbook: ${link}\n`);
    if (values.api && !json) console.error(`flowbook: for programs: ${url}/api, Authorization: Bearer ${session}`);
    if (values.edit)
      console.error(`flowbook: pages lie in ${realpathSync(pagesFolder(project))}: an open page follows each save`);
    if (!values["no-open"]) openBrowser(server.link);
    return untilStopped(server);
  }
};

/** As root: has another user serve, and gives the exit code of that; null where this process is to serve itself. */
async function withoutRoot(
  lake: string,
  values: Invocation["values"],
  json: boolean,
  secrets: Secrets
): Promise<ExitCode | null> {
  const next = successor(lake, process.env, filesToRead([join(originalOf(projectRoot), "package.json")]));
  if (next === null) return null;
  if ("reason" in next) {
    tellKept(next.reason);
    return null;
  }
  const {notebook, alerts} = readConfiguration();
  const pages = notebook || (values.edit ? projectRoot : null);
  if (pages !== null && !isAllowed(next.owner, pages, 0o200)) {
    tellKept(`other users cannot write ${pages}`);
    return null;
  }
  const port = portOf(values.port as string | undefined);
  if (port !== null && needsRoot(port))
    throw new UserError(exit.permission, `port ${port} needs root, which is given up before the notebook is served`, {
      hint: `choose a port above 1023; to be reached at port ${port}, put a reverse proxy in front`
    });
  const problem = handOver(lake, next.owner);
  if (problem !== null) {
    tellKept(problem);
    return null;
  }
  const args = Object.entries({...values, json}).flatMap(([name, value]) =>
    name === "lake" || value === undefined || value === false
      ? []
      : [value === true ? `--${name}` : `--${name}=${value}`]
  );
  return serveAs({owner: next.owner, lake, args, secrets: withFiles(secrets, alerts)});
}

function portOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535)
    throw new UserError(exit.usage, `--port: expected a number from 0 to 65535, found ${text}`);
  return port;
}

/** Other machines may reach the server only by an address that its operator names, with TLS. */
function publicOriginOf(text: string | undefined, host: string): string | null {
  const local = host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
  if (text === undefined) {
    if (local) return null;
    throw new UserError(exit.usage, `--host ${host}: other machines could reach the notebook without TLS`, {
      hint: "put a reverse proxy with TLS in front, and give its address: --public-origin https://notes.example"
    });
  }
  const origin = URL.canParse(text) ? new URL(text) : null;
  if (origin?.protocol !== "https:" || origin.pathname !== "/")
    throw new UserError(exit.usage, `--public-origin: expected https://HOST[:PORT], found ${text}`);
  return origin.origin;
}

/** A lake that holds no table yet. */
function isNew(lake: string): boolean {
  return !existsSync(lake) || (canWriteLake(lake) && readdirSync(lake).every((name) => name.startsWith(".")));
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  // A lake that cannot be written fails with the same codes as a port.
  if (error.syscall !== "listen" && error.syscall !== "bind" && error.syscall !== "getaddrinfo") return error;
  if (error.code === "EADDRINUSE")
    return new UserError(exit.configuration, `port ${port} of ${host} is taken by another program`, {
      hint: `choose another (flowbook start --port ${port + 1}), or omit --port to use a free one`
    });
  if (error.code === "EACCES")
    return new UserError(exit.permission, `port ${port} needs privileges`, {hint: "choose a port above 1023"});
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return new UserError(exit.usage, `--host: ${host} is no address of this machine`);
  return error;
}

/** Opens the link where somebody sits in front of a screen; that it fails is no fault of the server's. */
function openBrowser(link: string): void {
  const {platform, env} = process;
  if (platform === "linux" && !env.DISPLAY && !env.WAYLAND_DISPLAY) return;
  const [command, ...args] =
    platform === "darwin" ? ["open"] : platform === "win32" ? ["cmd", "/c", "start", ""] : ["xdg-open"];
  spawn(command, [...args, link], {stdio: "ignore", detached: true})
    .on("error", () => {})
    .unref();
}

/** A server that was asked to end is gone after so long. */
const stopMs = 4500;

/** Waits for an interrupt or a termination, then ends the server and what it started; a second signal ends at once. */
function untilStopped(server: RunningServer): Promise<ExitCode> {
  return new Promise((resolve) => {
    const stop = (code: ExitCode) => () => {
      process.once("SIGINT", () => process.exit(exit.interrupted));
      process.once("SIGTERM", () => process.exit(exit.interrupted));
      // A capture may still be sealing its last part: it knows that it is to end, and does so by itself.
      // Whatever else holds the process after that does not hold it longer, either.
      setTimeout(() => process.exit(code), stopMs).unref();
      void server.close().then(() => resolve(code));
    };
    process.once("SIGINT", stop(exit.interrupted));
    process.once("SIGTERM", stop(exit.ok));
    // The root parent that started this process is gone.
    process.once("disconnect", stop(exit.ok));
  });
}
