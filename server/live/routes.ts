import type {FastifyInstance, FastifyRequest} from "fastify";
import {listInterfaces} from "../../capture/live/interfaces.ts";
import {installedPrograms} from "../../capture/live/programs.ts";
import {filterProblem} from "./filter-check.ts";
import type {LiveCapture} from "./live-capture.ts";
import {captureWish, WrongWish} from "./start-request.ts";
import {LiveStream} from "./stream.ts";

export interface LiveRouteOptions {
  readonly capture: LiveCapture;
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a page needs to start, stop and watch a capture. */
export async function liveRoutes(server: FastifyInstance, {capture, headers}: LiveRouteOptions): Promise<void> {
  const stream = new LiveStream(capture);

  server.get("/api/live", () => capture.state);

  server.get("/api/live/interfaces", () => ({
    interfaces: listInterfaces(),
    hasAny: process.platform === "linux",
    programs: installedPrograms(null, process.env).map(({program: {name, loss}}) => ({name, loss}))
  }));

  server.get("/api/live/events", (request: FastifyRequest<{Querystring: {since?: string}}>, reply) => {
    reply.hijack();
    const last = request.headers["last-event-id"];
    stream.add(reply.raw, headers, (typeof last === "string" ? last : undefined) ?? request.query.since ?? null);
  });

  server.post("/api/live/start", async (request: FastifyRequest<{Body: unknown}>, reply) => {
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
  });

  server.post("/api/live/stop", (_request, reply) =>
    capture.stop() ? reply.code(202).send(capture.state) : reply.code(409).send({error: "no capture is at work"})
  );

  server.addHook("preClose", async () => {
    stream.close();
    await capture.close();
  });
}
