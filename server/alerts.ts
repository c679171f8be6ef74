import type {FastifyInstance, FastifyRequest} from "fastify";
import type {AlertDesk} from "../alerts/desk.ts";

/** `GET /api/alerts`: who is told, what waits and what failed. `POST /api/alerts/test {transport?}`: a message to try it. */
export async function alertRoutes(server: FastifyInstance, {desk}: {desk: AlertDesk}): Promise<void> {
  server.get("/api/alerts", () => desk.status());

  server.post("/api/alerts/test", async (request: FastifyRequest<{Body: {transport?: unknown} | null}>, reply) => {
    const only = request.body?.transport;
    const {on, destinations} = desk.status();
    if (!on) return reply.code(409).send({error: "alerts are off: flowbook.toml has no destination"});
    const names: unknown[] = destinations.map(({name}) => name);
    if (only !== undefined && !names.includes(only))
      return reply.code(400).send({error: `transport: expected ${names.join(", ")}`});
    const results = await desk.test(only as string | undefined);
    return results ? reply.send({results}) : reply.code(429).send({error: "a test message is being sent already"});
  });
}
