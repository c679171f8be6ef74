import type {FastifyInstance, FastifyRequest} from "fastify";
import {askedResults} from "../../loaders/results/page-data.ts";
import type {AskedResults} from "../asked-results.ts";
import {answers, type Described, fields} from "../schemas.ts";

const summaries = {
  model: "Tells what the models are, and what they are worth",
  drift: "Compares features of the lake's flows with what the model learnt from, and with the lake's past",
  "threshold-lab": "Tells which incidents each threshold of the activity model would bring",
  health: "Checks the machine and the lake"
} as const satisfies Record<(typeof askedResults)[number], string>;

const schemaOf = (summary: string): Described => ({
  summary,
  tags: ["results"],
  querystring: fields({anew: {type: "string", enum: ["true"], description: "looks again, though nothing changed"}}),
  response: {200: answers.ok, ...answers.refused, 500: {...answers.error, description: "It could not be made"}}
});

/** What pages show that is made when they ask for it. */
export async function resultRoutes(server: FastifyInstance, {results}: {results: AskedResults}): Promise<void> {
  for (const name of askedResults)
    server.get(
      `/api/results/${name}`,
      {schema: schemaOf(summaries[name])},
      async ({query, raw}: FastifyRequest<{Querystring: {anew?: "true"}}>, reply) => {
        // On a busy machine it takes longer than a connection may lie idle; Node limits it again behind the answer.
        raw.socket.setTimeout(0);
        const result = await results.get(name, query.anew === "true");
        if ("error" in result) return reply.code(500).send({error: result.error});
        return reply.type("application/json; charset=utf-8").send(result.json);
      }
    );
}
