import {PassThrough} from "node:stream";
import type {FastifyInstance, FastifyRequest} from "fastify";
import {findTracer, type Tracer} from "../../loaders/health/tracer.ts";
import {traceRoute, validTarget} from "../hosts/traceroute.ts";
import {answers, type Described, fields} from "../schemas.ts";

export interface HostRouteOptions {
  /** The program that finds ways; null where none is installed. */
  readonly tracer?: Tracer | null;
  readonly timeoutMs?: number;
}

const traceSchema: Described = {
  summary: "Traces the route to a host, hop by hop, as lines of JSON",
  tags: ["hosts"],
  querystring: fields({}),
  body: fields({target: {type: "string", minLength: 2, maxLength: 45, description: "an IPv4 or IPv6 address"}}, [
    "target"
  ]),
  response: {
    200: {description: "A line a hop while they are found; the last one is {end}"},
    ...answers.refused,
    ...answers.busy,
    501: {...answers.error, description: "No program for it is installed"}
  }
};

const remedy = "no traceroute is installed; on Debian: apt-get install traceroute";

/**
 * `POST /api/traceroute {target}`: the hops to an IP address as lines of JSON while they are found, the last of them
 * `{"end": …}`. One at a time; closing the connection ends it.
 */
export async function hostRoutes(server: FastifyInstance, options: HostRouteOptions): Promise<void> {
  const {tracer = findTracer(), timeoutMs = 60_000} = options;
  let running = false;

  server.post("/api/traceroute", {schema: traceSchema}, (request: FastifyRequest<{Body: {target: string}}>, reply) => {
    let target: string;
    try {
      target = validTarget(request.body.target);
    } catch (error) {
      return reply.code(400).send({error: (error as Error).message, field: "target"});
    }
    if (!tracer) return reply.code(501).send({error: remedy});
    if (running) return reply.code(429).send({error: "another way is being traced"});
    running = true;
    const left = new AbortController();
    const lines = new PassThrough();
    reply.raw.on("close", () => left.abort());
    const write = async () => {
      try {
        for await (const found of traceRoute({target, tracer, timeoutMs, signal: left.signal}))
          lines.write(`${JSON.stringify(found)}\n`);
      } catch (error) {
        lines.write(`${JSON.stringify({end: "failed", error: (error as Error).message})}\n`);
      } finally {
        running = false;
        lines.end();
      }
    };
    void write();
    return reply.type("application/x-ndjson; charset=utf-8").header("cache-control", "no-store").send(lines);
  });
}
