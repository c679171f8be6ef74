import {spawn} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {FastifyInstance, FastifyRequest} from "fastify";
import {parseCase} from "../../src/lib/case.ts";
import {answers, type Described, fields} from "../schemas.ts";

const longestCase = 8_000_000;
const longestMs = 600_000;
const endingMs = 5_000;
const keptErrorBytes = 4096;

const reportSchema: Described = {
  summary: "Makes the report as one HTML file that opens from disk",
  tags: ["notebook"],
  querystring: fields({}),
  body: fields(
    {
      case: {type: "string", maxLength: longestCase, description: "a case that begins it, as the page Case saves it"},
      redact: {
        type: "boolean",
        description: "without addresses, names, users, payloads and times; refused if one is still in it"
      }
    },
    [],
    true
  ),
  response: {
    200: {description: "The file"},
    ...answers.refused,
    ...answers.busy,
    422: {...answers.error, description: "It was not made, in the words of flowbook build"}
  }
};

interface Asked {
  readonly case?: string;
  readonly redact?: boolean;
}

export interface ReportRoutes {
  readonly lake: string;
  /** Runs flowbook: program and first arguments. */
  readonly command: readonly string[];
}

/**
 * `POST /api/report {case?, redact?}`: what `flowbook build --single-file` makes, by a process of its own, one at a time.
 * It ends when nobody waits for it any more.
 */
export async function reportRoutes(server: FastifyInstance, {lake, command}: ReportRoutes): Promise<void> {
  let isBusy = false;

  server.post(
    "/api/report",
    {schema: reportSchema, bodyLimit: longestCase + 1_000_000},
    async (request: FastifyRequest<{Body: Asked | null}>, reply) => {
      const {case: text, redact = false} = request.body ?? {};
      if (text !== undefined) {
        try {
          parseCase(text);
        } catch (error) {
          return reply.code(400).send({error: `case: ${(error as Error).message}`, field: "case"});
        }
      }
      if (isBusy) return reply.code(429).header("retry-after", "10").send({error: "another report is being made"});
      isBusy = true;
      const folder = mkdtempSync(join(tmpdir(), "flowbook-report-"));
      const left = new AbortController();
      const onClose = () => left.abort();
      request.raw.socket.once("close", onClose);
      try {
        const output = join(folder, "report.html");
        const args = ["build", "--single-file", "--lake", lake, "-o", output];
        if (redact) args.push("--redact");
        if (text !== undefined) {
          writeFileSync(join(folder, "case.json"), text, {mode: 0o600});
          args.push("--case", join(folder, "case.json"));
        }
        const problem = await ended([...command, ...args], left.signal);
        if (problem !== null) return reply.code(422).send({error: problem.replaceAll(`${folder}/`, "")});
        // Never shown as a page of this server's.
        return reply
          .header("content-type", "application/octet-stream")
          .header("content-disposition", 'attachment; filename="report.html"')
          .header("cache-control", "no-store")
          .send(readFileSync(output));
      } finally {
        request.raw.socket.off("close", onClose);
        rmSync(folder, {recursive: true, force: true});
        isBusy = false;
      }
    }
  );
}

/** Runs a program; null where it ended well, else what it said. */
function ended([program, ...args]: readonly string[], signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const env = {...process.env, FLOWBOOK_KEEPS_ROOT: "1"};
    // By TERM it ends the loaders that it runs, too; what does not end then is killed.
    const child = spawn(program, args, {env, stdio: ["ignore", "ignore", "pipe"], signal, timeout: longestMs});
    signal.addEventListener("abort", () => setTimeout(() => child.kill("SIGKILL"), endingMs).unref(), {once: true});
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-keptErrorBytes);
    });
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, killed) =>
      resolve(
        code === 0 ? null : said.trim() || `flowbook build ended ${killed ? `by ${killed}` : `with code ${code}`}`
      )
    );
  });
}
