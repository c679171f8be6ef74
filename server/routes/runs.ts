import type {FastifyInstance, FastifyRequest} from "fastify";
import type {Jobs} from "../jobs.ts";
import {answers, type Described, fields} from "../schemas.ts";

const listSchema: Described = {
  summary: "Lists imports and renewals, and the state of every result",
  tags: ["runs"],
  querystring: fields({}),
  response: {200: answers.ok}
};

const oneSchema: Described = {
  summary: "Tells of one import or renewal",
  tags: ["runs"],
  params: fields({id: {type: "string", pattern: "^\\d{1,15}$", description: "the number of a run"}}, ["id"]),
  querystring: fields({}),
  response: {200: answers.ok, ...answers.refused, ...answers.absent}
};

const renewSchema: Described = {
  summary: "Renews results that are stale",
  tags: ["runs"],
  querystring: fields({}),
  body: fields(
    {
      force: {type: "boolean", description: "all of them, whether stale or not"},
      result: {type: "string", maxLength: 200, description: "the name of one that is made again, stale or not"}
    },
    [],
    true
  ),
  response: {...answers.accepted, ...answers.refused, ...answers.busy}
};

interface Renewed {
  readonly force?: boolean;
  readonly result?: string;
}

/** What was imported and renewed, what is stale and why, and the order to renew it. */
export async function runRoutes(server: FastifyInstance, {jobs}: {jobs: Jobs}): Promise<void> {
  server.get("/api/runs", {schema: listSchema}, async () => ({runs: jobs.list(), results: await jobs.states()}));

  server.get("/api/runs/:id", {schema: oneSchema}, (request: FastifyRequest<{Params: {id: string}}>, reply) => {
    const job = jobs.get(Number(request.params.id));
    return job ? reply.send(job) : reply.code(404).send({error: `no run ${request.params.id}`});
  });

  server.post("/api/run", {schema: renewSchema}, async ({body}: FastifyRequest<{Body: Renewed | null}>, reply) => {
    const {force = false, result} = body ?? {};
    if (result !== undefined && !(await jobs.states()).some(({name}) => name === result))
      return reply.code(400).send({error: `result: there is none called ${result}`, field: "result"});
    const job = jobs.renew(force || (result ?? false));
    return job ? reply.code(202).send({run: job.id}) : reply.code(429).send({error: "too many runs wait"});
  });
}
