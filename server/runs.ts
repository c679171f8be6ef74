import type {FastifyInstance, FastifyRequest} from "fastify";
import type {Jobs} from "./jobs.ts";

/** What was imported and renewed, what is stale and why, and the order to renew it. */
export async function runRoutes(server: FastifyInstance, {jobs}: {jobs: Jobs}): Promise<void> {
  server.get("/api/runs", async () => ({runs: jobs.list(), results: await jobs.states()}));

  server.get("/api/runs/:id", (request: FastifyRequest<{Params: {id: string}}>, reply) => {
    const job = jobs.get(Number(request.params.id));
    return job ? reply.send(job) : reply.code(404).send({error: `no run ${request.params.id}`});
  });

  server.post("/api/run", (request: FastifyRequest<{Body: {force?: boolean} | null}>, reply) => {
    const job = jobs.renew(request.body?.force === true);
    return job ? reply.code(202).send({run: job.id}) : reply.code(429).send({error: "too many runs wait"});
  });
}
