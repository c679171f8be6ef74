import type {FastifyInstance, FastifyReply, FastifyRequest} from "fastify";
import {exportFormats} from "../../loaders/export/export.ts";
import type {PageTable} from "../../loaders/lake/page-tables.ts";
import {QueryLimit} from "../../loaders/lake/query-limit.ts";
import type {Value} from "../../schema/engine.ts";
import type {AnswerFormat, QueryLimits} from "../queries/messages.ts";
import {PoolBusy, type QueryPool, type ReaderQuery} from "../queries/pool.ts";
import {QueryRefused} from "../queries/query-process.ts";
import {answers, type Described, fields} from "../schemas.ts";

export interface QueryRouteOptions {
  readonly pool: QueryPool;
  /** The tables that a page's front matter names; none without it. */
  readonly tablesOf?: (page: string) => Promise<readonly PageTable[]>;
  readonly limits?: QueryLimits;
  readonly exportLimits?: QueryLimits;
}

export const queryLimits: QueryLimits = {timeoutMs: 10_000, bytes: 64 * 1024 ** 2, rows: 10_000};
/** An export is never in memory as a whole; one that takes longer is for `flowbook export`. */
export const exportLimits: QueryLimits = {
  timeoutMs: 900_000,
  bytes: 16 * 1024 ** 3,
  rows: Number.MAX_SAFE_INTEGER
};

export const contentTypes: Readonly<Record<AnswerFormat, string>> = {
  rows: "application/json; charset=utf-8",
  cells: "application/json; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  json: "application/json; charset=utf-8",
  ndjson: "application/x-ndjson; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
  arrow: "application/vnd.apache.arrow.stream"
};

export const longestSql = 32_768;

/** What a route says where a query has no answer: see {@link refuseQuery}. */
export const limitAnswers = {
  ...answers.refused,
  422: {...answers.error, description: "A limit was exceeded; `cap` says which: time, memory, bytes or rows"},
  503: {...answers.error, description: "Too many queries wait"}
};

const querySchema: Described = {
  summary: "Runs one read-only SQL statement",
  tags: ["queries"],
  querystring: fields({}),
  body: fields(
    {
      sql: {type: "string", minLength: 1, maxLength: longestSql, description: "a statement that reads"},
      parameters: {
        type: "array",
        maxItems: 1000,
        items: {type: ["string", "number", "boolean", "null"]},
        description: "values for ? in order"
      },
      page: {
        type: "string",
        pattern: "^(/[A-Za-z0-9_][A-Za-z0-9_. -]*)+$",
        maxLength: 300,
        description: "the page that sends the query: the tables named in its front matter are available, too"
      },
      format: {
        type: "string",
        enum: ["rows", ...exportFormats],
        description: "default rows: columns, and rows as objects"
      }
    },
    ["sql"]
  ),
  response: {200: {description: "The result in its format, 10,000 rows and 64 MiB at most"}, ...limitAnswers}
};

const flowsSchema: Described = {
  summary: "Exports flows as a file",
  tags: ["queries"],
  querystring: fields({
    format: {type: "string", enum: [...exportFormats], default: "csv"},
    where: {type: "string", maxLength: longestSql, description: "a condition of SQL over the columns of flows"}
  }),
  response: {200: {description: "The file, streamed"}, ...limitAnswers}
};

interface QueryBody {
  readonly sql: string;
  readonly parameters?: readonly Value[];
  readonly page?: string;
  readonly format?: AnswerFormat;
}

/** `POST /api/query {sql, parameters?, format?}` and `GET /api/flows?format=csv&where=…`: both can read the lake, and nothing else. */
export async function queryRoutes(server: FastifyInstance, options: QueryRouteOptions): Promise<void> {
  const {pool, tablesOf} = options;

  server.post("/api/query", {schema: querySchema}, async ({body}: FastifyRequest<{Body: QueryBody}>, reply) => {
    const {sql, parameters, page, format = "rows"} = body;
    let tables: readonly PageTable[] = [];
    try {
      if (page !== undefined && tablesOf) tables = await tablesOf(page);
    } catch (error) {
      return reply.code(400).send({error: (error as Error).message, field: "page"});
    }
    const query = {sql, parameters, tables, format, isWhole: true, limits: options.limits ?? queryLimits};
    return answer(reply, query, "sql", () => reply.type(contentTypes[format]));
  });

  server.get(
    "/api/flows",
    // Its headers alone would cost as much as all of it.
    {schema: flowsSchema, exposeHeadRoute: false},
    (request: FastifyRequest<{Querystring: {format: AnswerFormat; where?: string}}>, reply) => {
      const {format, where} = request.query;
      // On lines of its own, so that a comment at its end does not reach further.
      const sql = `SELECT * FROM flows ${where ? `WHERE (\n${where}\n)` : ""} ORDER BY ts_start, flow_id`;
      return answer(reply, {sql, format, isWhole: false, limits: options.exportLimits ?? exportLimits}, "where", () =>
        reply.type(contentTypes[format]).header("content-disposition", `attachment; filename="flows.${format}"`)
      );
    }
  );

  async function answer(
    reply: FastifyReply,
    query: ReaderQuery,
    field: string,
    head: () => FastifyReply
  ): Promise<FastifyReply> {
    const left = new AbortController();
    reply.raw.once("close", () => left.abort(new Error("nobody waits for it any more")));
    try {
      const {body} = await pool.run(query, left.signal);
      return head().header("cache-control", "no-store").send(body);
    } catch (error) {
      return refuseQuery(reply, error, field);
    }
  }
}

/** Says why a query has no answer: a cap, the statement's own fault, or too many readers; any other error goes on. */
export function refuseQuery(reply: FastifyReply, error: unknown, field: string): FastifyReply {
  const {message: words} = error as Error;
  if (error instanceof QueryLimit) return reply.code(422).send({error: words, cap: error.cap});
  if (error instanceof QueryRefused) return reply.code(400).send({error: words, field});
  if (error instanceof PoolBusy) return reply.code(503).header("retry-after", "2").send({error: words});
  throw error;
}
