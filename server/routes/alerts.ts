import type {FastifyInstance, FastifyRequest} from "fastify";
import type {AlertDesk} from "../../alerts/desk.ts";
import {answers, type Described, fields} from "../schemas.ts";

const statusSchema: Described = {
  summary: "Returns the receivers of alerts, and the pending and failed ones",
  tags: ["alerts"],
  querystring: fields({}),
  response: {200: answers.ok}
};

const testSchema: Described = {
  summary: "Sends a test message to the destinations",
  tags: ["alerts"],
  querystring: fields({}),
  body: fields({transport: {type: "string", maxLength: 100, description: "one destination (default: all)"}}, [], true),
  response: {200: answers.ok, ...answers.refused, ...answers.conflict, ...answers.busy}
};

type TestRequest = FastifyRequest<{Body: {transport?: string} | null}>;

/** `GET /api/alerts`: who is told, what waits and what failed. `POST /api/alerts/test {transport?}`: a message to try it. */
export async function alertRoutes(server: FastifyInstance, {desk}: {desk: AlertDesk}): Promise<void> {
  server.get("/api/alerts", {schema: statusSchema}, () => desk.status());

  server.post("/api/alerts/test", {schema: testSchema}, async (request: TestRequest, reply) => {
    const only = request.body?.transport;
    const {on, destinations} = desk.status();
    if (!on) return reply.code(409).send({error: "alerts are off: flowbook.toml has no destination"});
    const names = destinations.map(({name}) => name);
    const name = names.find((known) => known === only);
    if (only !== undefined && name === undefined)
      return reply.code(400).send({
        error: `body.transport: expected one of ${names.join(", ")}, found ${JSON.stringify(only)}`,
        field: "transport"
      });
    const results = await desk.test(name);
    return results ? reply.send({results}) : reply.code(429).send({error: "a test message is being sent already"});
  });
}
