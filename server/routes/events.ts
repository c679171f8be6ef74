import type {FastifyInstance} from "fastify";
import {EventStream} from "../event-stream.ts";
import type {Jobs} from "../jobs.ts";
import {answers, type Described, fields} from "../schemas.ts";

export interface EventRouteOptions {
  readonly jobs: Jobs;
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>;
}

const healthSchema: Described = {
  summary: "Tells whether the server works, and how many imports and renewals are under way",
  tags: ["server"],
  querystring: fields({}),
  response: {200: answers.ok}
};

const eventsSchema: Described = {
  summary: "Streams what imports and renewals do (server-sent events)",
  tags: ["server"],
  querystring: fields({}),
  response: {200: {description: "The stream"}, 503: {description: "Too many listen already"}}
};

/** What happens on the server: once, and as it happens. */
export async function eventRoutes(server: FastifyInstance, {jobs, headers}: EventRouteOptions): Promise<void> {
  const events = new EventStream(jobs);

  server.get("/api/health", {schema: healthSchema}, () => ({status: "ok", running: jobs.running()}));

  server.get("/api/events", {schema: eventsSchema, exposeHeadRoute: false}, (_request, reply) => {
    reply.hijack();
    events.add(reply.raw, headers);
  });

  // An open page's stream never ends by itself.
  server.addHook("preClose", async () => events.close());
}
