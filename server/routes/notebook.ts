import {basename, dirname} from "node:path";
import type {FastifyInstance, FastifyReply, FastifyRequest} from "fastify";
import {isResult} from "../../loaders/results/freshness-ledger.ts";
import {scriptHashes, servedPolicy} from "../notebook/content-policy.ts";
import type {NotebookSite} from "../notebook/site.ts";
import type {Described, JsonSchema} from "../schemas.ts";

/** Pages are addressed as Framework has it, with whatever query. */
const anything: JsonSchema = {type: "object", additionalProperties: true};
const path: JsonSchema = {
  type: "object",
  properties: {"*": {type: "string", maxLength: 1000, description: "a path"}},
  required: ["*"],
  additionalProperties: false
};

const pageSchema: Described = {
  summary: "Pages of the notebook, their modules and styles",
  tags: ["notebook"],
  params: path,
  querystring: anything,
  response: {200: {description: "The file"}, 404: {description: "There is none"}}
};

const dataSchema: Described = {...pageSchema, summary: "Data of the notebook's pages"};

/** Pages, their modules and their data. What is not an API route is the notebook's. */
export async function notebookRoutes(server: FastifyInstance, {site}: {site: NotebookSite}): Promise<void> {
  server.get("/_file/data/*", {schema: dataSchema}, (request: FastifyRequest<{Params: {"*": string}}>, reply) => {
    const result = site.resultOf(`/data/${request.params["*"]}`);
    if (result === null) return page(request, reply);
    if (!isResult(result)) return reply.code(404).type("text/plain; charset=utf-8").send("not made yet\n");
    // The address holds the content's hash, so what it leads to does not change.
    return reply.sendFile(basename(result), dirname(result), {maxAge: "1h", immutable: true});
  });

  server.get("/*", {schema: pageSchema}, page);

  function page(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (request.url.startsWith("/api/")) {
      reply.callNotFound();
      return reply;
    }
    // Framework would fail outside of any handler.
    if (!isAddress(request.url)) return reply.code(400).send({error: "path: expected an address of a page"});
    const headers = reply.getHeaders();
    reply.hijack();
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) reply.raw.setHeader(name, value);
    // A page is never taken from a cache, where it could meet the policy of another version of it.
    if (!request.url.startsWith("/_")) delete request.raw.headers["if-none-match"];
    // A worker is held to the policy of its own script, not of the page that started it.
    reply.raw.setHeader("content-security-policy", servedPolicy([], ""));
    site.answer(request.raw, reply.raw, (html) => {
      const sockets = request.headers.host ? `ws://${request.headers.host} wss://${request.headers.host}` : "";
      reply.raw.setHeader("content-security-policy", servedPolicy(scriptHashes(html), sockets));
      reply.raw.setHeader("cache-control", "no-store");
    });
    return reply;
  }
}

/** A path below this server that Framework can decode, and that leads nowhere else. */
function isAddress(url: string): boolean {
  try {
    const path = decodeURIComponent(url.split("?", 1)[0]);
    return (
      new URL(url, "http://localhost").origin === "http://localhost" &&
      !path.includes("\0") &&
      !path.split(/[/\\]/).includes("..")
    );
  } catch {
    return false;
  }
}
