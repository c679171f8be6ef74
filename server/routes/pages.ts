import type {FastifyInstance, FastifyRequest} from "fastify";
import {chartMarks} from "../../src/lib/query-chart.ts";
import {type KeptQuery, keptQueryText} from "../notebook/kept-query.ts";
import {PageRefused, writePage} from "../notebook/new-page.ts";
import {answers, type Described, fields} from "../schemas.ts";

const column = {type: "string", maxLength: 300, description: "a column of the answer"} as const;

const keepSchema: Described = {
  summary: "Writes a page of the notebook with one query; an existing page is not replaced",
  tags: ["notebook"],
  querystring: fields({}),
  body: fields(
    {
      name: {type: "string", pattern: "^[a-z0-9][a-z0-9-]{0,63}$", description: "name of its file and address"},
      // One line of plain words: it stands in Markdown.
      title: {
        type: "string",
        pattern: "^[\\p{L}\\p{N}][\\p{L}\\p{N} .,:;()'/–-]{0,79}$",
        description: "its title, one line"
      },
      sql: {type: "string", minLength: 1, maxLength: 32_768, description: "a statement that reads"},
      chart: fields({mark: {type: "string", enum: [...chartMarks]}, x: column, y: column}, ["mark", "x", "y"])
    },
    ["name", "title", "sql"]
  ),
  response: {200: answers.ok, ...answers.refused}
};

/** `POST /api/pages {name, title, sql, chart?}`: what a reader asked becomes a page of their own. */
export async function pageRoutes(server: FastifyInstance, {project}: {project: string}): Promise<void> {
  server.post(
    "/api/pages",
    {schema: keepSchema},
    (request: FastifyRequest<{Body: KeptQuery & {name: string}}>, reply) => {
      const {name, ...query} = request.body;
      try {
        const {path} = writePage(project, name, keptQueryText(query));
        return {path};
      } catch (error) {
        if (!(error instanceof PageRefused)) throw error;
        return reply.code(400).send({error: error.message, field: "name"});
      }
    }
  );
}
