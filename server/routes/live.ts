import type {FastifyInstance, FastifyRequest} from "fastify";
import {listInterfaces} from "../../capture/live/interfaces.ts";
import {installedPrograms} from "../../capture/live/programs.ts";
import {filterProblem} from "../live/filter-check.ts";
import type {LiveCapture} from "../live/live-capture.ts";
import {captureWish, type StartBody, startFields, WrongWish} from "../live/start-request.ts";
import {LiveStream} from "../live/stream.ts";
import {answers, type Described, fields} from "../schemas.ts";

export interface LiveRouteOptions {
  readonly capture: LiveCapture;
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>;
}

const read = (summary: string): Described => ({
  summary,
  tags: ["live"],
  querystring: fields({}),
  response: {200: answers.ok}
});

const eventsSchema: Described = {
  ...read("Streams a message each second (server-sent events)"),
  querystring: fields({
    since: {type: "string", maxLength: 100, description: "id of the last message; a Last-Event-ID goes before"}
  }),
  response: {200: {description: "The stream"}, 503: {description: "Too many listen already"}}
};

const startSchema: Described = {
  summary: "Starts a capture",
  tags: ["live"],
  querystring: fields({}),
  body: fields(startFields, [], true),
  response: {...answers.accepted, ...answers.refused, ...answers.conflict}
};

const stopSchema: Described = {
  summary: "Stops the capture",
  tags: ["live"],
  querystring: fields({}),
  body: fields({}, [], true),
  response: {...answers.accepted, ...answers.conflict}
};

/** What a page needs to start, stop and watch a capture. */
export async function liveRoutes(server: FastifyInstance, {capture, headers}: LiveRouteOptions): Promise<void> {
  const stream = new LiveStream(capture);

  server.get("/api/live", {schema: read("Tells where the capture stands")}, () => capture.state);

  server.get("/api/live/interfaces", {schema: read("Lists interfaces and capture programs")}, () => ({
    interfaces: listInterfaces(),
    hasAny: process.platform === "linux",
    programs: installedPrograms(null, process.env).map(({program: {name, loss}}) => ({name, loss}))
  }));

  server.get(
    "/api/live/events",
    {schema: eventsSchema, exposeHeadRoute: false},
    (request: FastifyRequest<{Querystring: {since?: string}}>, reply) => {
      reply.hijack();
      const last = request.headers["last-event-id"];
      stream.add(reply.raw, headers, (typeof last === "string" ? last : undefined) ?? request.query.since ?? null);
    }
  );

  server.post(
    "/api/live/start",
    {schema: startSchema},
    async (request: FastifyRequest<{Body: StartBody | null}>, reply) => {
      const running = () => capture.state.phase !== "idle";
      const refuse = () => {
        const run = capture.state.runs.at(-1);
        const where = run?.interface ? ` on ${run.interface}` : "";
        return reply.code(409).send({error: `a capture${where} is at work already: stop it before another starts`});
      };
      if (running()) return refuse();
      try {
        const wish = captureWish(request.body ?? {}, listInterfaces());
        const wrong = await filterProblem(wish.filter, wish.interface);
        if (wrong !== null) throw new WrongWish("filter", wrong);
        return capture.start(wish) ? reply.code(202).send(capture.state) : refuse();
      } catch (error) {
        if (!(error instanceof WrongWish)) throw error;
        return reply.code(400).send({error: error.message, field: error.field});
      }
    }
  );

  server.post("/api/live/stop", {schema: stopSchema}, (_request, reply) =>
    capture.stop() ? reply.code(202).send(capture.state) : reply.code(409).send({error: "no capture is at work"})
  );

  server.addHook("preClose", async () => {
    stream.close();
    await capture.close();
  });
}
