import type {FastifyInstance, FastifyReply, FastifyRequest} from "fastify";
import {type ExportFormat, exportFormats} from "../../loaders/export/export.ts";
import {modelSqls} from "../../loaders/judge/current-model.ts";
import type {FirstTable, OverRecords} from "../../loaders/lake/kept-records.ts";
import {viewState} from "../../loaders/lake/lake-views.ts";
import {RolledModels} from "../../loaders/lake/rollup-files.ts";
import {rolledSql} from "../../loaders/questions/rolled-sql.ts";
import {projectModel} from "../../loaders/results/freshness-scoring.ts";
import type {Stated} from "../../src/lib/answer-source.js";
import {dimensions} from "../../src/lib/dimensions.js";
import {isEverything, parseFilter, verdicts} from "../../src/lib/filter.js";
import {firstPageSql} from "../../src/lib/first-flows.js";
import {flowDetailsSql} from "../../src/lib/flow-details.js";
import {
  type FlowOrderName,
  type FlowsAsked,
  flowExportSql,
  flowOrders,
  flowPageSql,
  incidentFlowsSql
} from "../../src/lib/flow-page.js";
import {measures} from "../../src/lib/measures.js";
import {QueryError} from "../../src/lib/query/ast.js";
import {longestQuery} from "../../src/lib/query/parse.js";
import type {Asked} from "../../src/lib/question.js";
import {selectedCountSql, selectedFlowsSql} from "../../src/lib/selected-flows.js";
import {sharedPairs} from "../../src/lib/shared-pairs.js";
import {sharedSpread} from "../../src/lib/shared-spread.js";
import {type SqlContext, toSql} from "../../src/lib/sql.js";
import {KnownAnswers, type QuickWay} from "../queries/known-answers.ts";
import type {QueryLimits} from "../queries/messages.ts";
import type {QueryPool} from "../queries/pool.ts";
import {type Described, fields, type JsonSchema} from "../schemas.ts";
import {contentTypes, exportLimits, limitAnswers, longestSql, queryLimits, refuseQuery} from "./queries.ts";

const limits: QueryLimits = {timeoutMs: 30_000, bytes: 32 * 1024 ** 2, rows: 200_000};

const time: JsonSchema = {type: "integer", minimum: -(2 ** 53), maximum: 2 ** 53, description: "µs since 1970"};
const text: JsonSchema = {type: "string", maxLength: 400};
const hash: JsonSchema = {type: "string", pattern: "^[0-9a-f]{64}$", description: "SHA-256 of a capture"};
const listOf = (items: JsonSchema): JsonSchema => ({type: "array", maxItems: 500, items});

const filterSchema: JsonSchema = fields({
  from: time,
  to: time,
  protos: listOf({type: "integer", minimum: 0, maximum: 255}),
  services: listOf({type: ["string", "null"], maxLength: 400}),
  labels: listOf(text),
  verdicts: listOf({type: "string", enum: [...verdicts]}),
  host: text,
  captures: listOf(hash),
  incident: {type: "string", pattern: "^[0-9a-f]{16}$"},
  query: {type: "string", maxLength: longestQuery, description: "as in the query box"}
});

const names = (of: object, most: number): JsonSchema => ({
  type: "array",
  maxItems: most,
  items: {type: "string", enum: Object.keys(of)}
});

const questionSchema: JsonSchema = fields(
  {
    name: {...text, description: "for messages alone"},
    title: text,
    by: names(dimensions, 4),
    measures: names(measures, 12),
    time: {type: "string", enum: ["start", "spread", "gone"]},
    only: {type: "string", enum: ["recognised", "unrecognised", "unusual-port", "anomaly-scored", "handshake-timed"]},
    count: {type: "boolean"},
    order: {type: "string", enum: Object.keys(measures)},
    limit: {type: "integer", minimum: 1, maximum: 10_000}
  },
  ["name", "by", "measures"]
);

const gridSchema: JsonSchema = fields(
  {
    originUs: time,
    widthUs: {type: "integer", minimum: 1, maximum: 2 ** 53},
    count: {type: "integer", minimum: 1, maximum: 1000}
  },
  ["originUs", "widthUs", "count"]
);

const flowId: JsonSchema = {type: "string", pattern: "^-?[0-9]{1,19}$", description: "flow_id"};

const described = (
  summary: string,
  properties: Record<string, JsonSchema>,
  required: readonly string[]
): Described => ({
  summary,
  tags: ["answers"],
  querystring: fields({}),
  body: fields(properties, required),
  response: {
    200: {description: "Names of columns, and rows as arrays"},
    304: {description: "As before"},
    ...limitAnswers
  }
});

const cursorSchema = fields(
  {key: {type: ["string", "number", "null"], maxLength: 4000}, ts: time, id: flowId, capture: hash},
  ["key", "ts", "id", "capture"]
);

interface ExportQuery {
  readonly format: ExportFormat;
  readonly order: FlowOrderName;
  readonly direction: "up" | "down";
  readonly filter: string;
}

const exportSchema: Described = {
  summary: "Exports the flows of a filter in an order, as a file",
  tags: ["answers"],
  querystring: fields({
    format: {type: "string", enum: [...exportFormats], default: "csv"},
    order: {type: "string", enum: Object.keys(flowOrders), default: "ts_start"},
    direction: {type: "string", enum: ["up", "down"], default: "up"},
    filter: {type: "string", maxLength: 16_384, default: "", description: "a filter as in a page's address, behind #"}
  }),
  response: {200: {description: "The file, streamed"}, ...limitAnswers}
};

const recordLimits: QueryLimits = {...queryLimits, timeoutMs: 30_000};

const recordsSchema: Described = {
  summary: "Answers a statement of a page over records",
  tags: ["answers"],
  querystring: fields({}),
  body: fields(
    {
      sql: {
        type: "string",
        minLength: 1,
        maxLength: longestSql,
        description: "a statement that reads, and gives the same as long as the lake does"
      },
      over: {
        type: "array",
        maxItems: 2,
        items: {type: "integer", minimum: 1, maximum: longestSql},
        description:
          "letters of its beginning up to where each of its first tables ends (`selected`, `records`), which may be kept for other statements that begin so"
      }
    },
    ["sql"]
  ),
  response: {
    200: {description: "Names of columns, and rows as arrays, 10,000 rows and 64 MiB at most"},
    304: {description: "As before"},
    ...limitAnswers
  }
};

/**
 * A statement in its parts, `WITH selected AS (…), records AS (…) rest` or with one of these tables alone; null where it does not
 * have them. Each of the parts is checked before it is run.
 */
function partsOf(sql: string, ends: readonly number[]): OverRecords | null {
  let from = 0;
  const tables = ends.map((end, k) => {
    const part = sql.slice(from, end).trim();
    from = end;
    const [head, name] = (k === 0 ? /^WITH (selected|records) AS \(/ : /^,\s*(records) AS \(/).exec(part) ?? [];
    return head && name && part.endsWith(")") ? {name, select: part.slice(head.length, -1)} : null;
  });
  if (tables.includes(null) || (ends.length > 1 && tables[0]?.name !== "selected")) return null;
  const rest = sql.slice(from).trimStart();
  return {
    tables: tables.filter((table) => table !== null),
    rest: rest.startsWith(",") ? `WITH ${rest.slice(1)}` : rest
  };
}

/** A question over the flows that its filter selects, or over what several questions make of them. */
function overSelected(asked: Asked, context: SqlContext): OverRecords {
  const {filter} = asked;
  const ofSelected = {...context, isSelected: true};
  const selected: FirstTable = {
    name: "selected",
    select: `\n${selectedFlowsSql(filter, {...context, isServed: true})}\n`,
    counted: selectedCountSql(filter, {...context, isServed: true}) ?? undefined
  };
  // A window that is dragged has most flows as a rule: they are not selected to make a few sums of them.
  const isOfWindow = Object.keys(filter).every((name) => name === "from" || name === "to");
  const pairs = sharedPairs(asked, isOfWindow ? context : ofSelected);
  if (pairs && isOfWindow) return {tables: [{name: "records", select: pairs.made}], rest: pairs.rest};
  const made = pairs ?? sharedSpread(asked, context);
  return made === null
    ? {tables: [selected], rest: toSql(asked, ofSelected)}
    : {tables: [selected, {name: "records", select: made.made}], rest: made.rest};
}

interface AnswerOptions {
  /** A statement that gives the same, where there is one; whatever it fails of, the other is asked then. */
  readonly quicker?: (context: SqlContext) => QuickWay["quick"];
  /** The statement in its parts, where its records may be kept for other questions over them. */
  readonly over?: (context: SqlContext) => OverRecords | undefined;
  /** Not where the statement is the reader's own text. */
  readonly isOurs?: boolean;
  readonly limits?: QueryLimits;
  /** What is at fault where the statement is. */
  readonly field?: string;
}

/**
 * What pages ask of the lake: a question over the flows of a filter, some of these flows in an order, everything of one
 * flow. A page names columns, groups and values; the SQL is made here.
 */
export async function answerRoutes(
  server: FastifyInstance,
  {pool, lake, project}: {pool: QueryPool; lake: string; project: string}
): Promise<void> {
  const known = new KnownAnswers(pool, lake);
  const rolled = new RolledModels(lake);
  let own: {readonly state: string; readonly model: string} | null = null;

  server.post(
    "/api/answers",
    {
      schema: described(
        "Answers a question over the flows of a filter",
        {question: questionSchema, filter: filterSchema, grid: gridSchema},
        ["question", "filter"]
      )
    },
    ({body}: FastifyRequest<{Body: Asked}>, reply) => {
      if (body.question.time && !body.grid)
        return reply
          .code(400)
          .send({error: "body.grid: expected a grid for a question over time, found nothing", field: "grid"});
      return answer(reply, (context) => toSql(body, context), {
        quicker: ({model, ...context}) => {
          if (!rolled.has(model)) return null;
          const views = viewState(lake, known.state);
          const isWhole = rolled.isWhole(model, views);
          const sql = rolledSql(body, {model, ...context}, isWhole);
          return sql === null ? null : isWhole ? {sql, views} : {sql};
        },
        over: (context) => (isEverything(body.filter) ? undefined : overSelected(body, context))
      });
    }
  );

  server.post(
    "/api/answers/flows",
    {
      schema: described(
        "Lists flows of a filter in an order",
        {
          filter: filterSchema,
          order: {type: "string", enum: Object.keys(flowOrders)},
          down: {type: "boolean"},
          limit: {type: "integer", minimum: 1, maximum: 1000},
          offset: {type: "integer", minimum: 0, maximum: 1e9},
          known: {type: "boolean", description: "only flows of which the order's value is known"},
          after: cursorSchema
        },
        ["filter", "order", "down", "limit"]
      )
    },
    ({body}: FastifyRequest<{Body: FlowsAsked}>, reply) =>
      answer(reply, (context) => flowPageSql(body, context), {
        quicker: (context) => {
          const sql = firstPageSql(body, context);
          return sql === null ? null : {sql};
        }
      })
  );

  server.post(
    "/api/answers/flow",
    {schema: described("Everything that is known of one flow", {flow: flowId, capture: hash}, ["flow", "capture"])},
    ({body}: FastifyRequest<{Body: {flow: string; capture: string}}>, reply) =>
      answer(reply, () => flowDetailsSql(body.flow, body.capture))
  );

  server.post(
    "/api/answers/incident-flows",
    {
      schema: described(
        "The flows that matter most for an incident",
        {incident: {type: "string", pattern: "^[0-9a-f]{16}$"}, limit: {type: "integer", minimum: 1, maximum: 1000}},
        ["incident", "limit"]
      )
    },
    ({body}: FastifyRequest<{Body: {incident: string; limit: number}}>, reply) =>
      answer(reply, (context) => incidentFlowsSql(body.incident, body.limit, context))
  );

  server.post(
    "/api/answers/records",
    {schema: recordsSchema},
    ({body: {sql, over = []}}: FastifyRequest<{Body: Pick<Stated, "sql"> & Partial<Stated>}>, reply) => {
      const records = over.length === 0 ? undefined : partsOf(sql, over);
      if (records === null)
        return reply.code(400).send({
          error:
            'body.over: expected where "WITH selected AS (…)", "WITH records AS (…)", or the one behind the other, ends',
          field: "over"
        });
      return answer(reply, () => sql, {over: () => records, isOurs: false, limits: recordLimits, field: "sql"});
    }
  );

  server.get(
    "/api/answers/export",
    // Its headers alone would cost as much as all of it.
    {schema: exportSchema, exposeHeadRoute: false},
    async ({query}: FastifyRequest<{Querystring: ExportQuery}>, reply) => {
      const {format, order, direction, filter} = query;
      const left = new AbortController();
      reply.raw.once("close", () => left.abort(new Error("nobody waits for it any more")));
      try {
        const context = {model: await currentModel(left.signal), verdicts: "verdict_rows"} as const;
        const sql = flowExportSql({filter: parseFilter(filter), order, down: direction === "down"}, context);
        const {body} = await pool.run({sql, format, isWhole: false, limits: exportLimits}, left.signal);
        return reply
          .type(contentTypes[format])
          .header("cache-control", "no-store")
          .header("content-disposition", `attachment; filename="flows.${format}"`)
          .send(body);
      } catch (error) {
        return refuseQuery(reply, error, "filter");
      }
    }
  );

  async function answer(
    reply: FastifyReply,
    sqlOf: (context: SqlContext) => string,
    {quicker, over, isOurs = true, limits: most = limits, field = "question"}: AnswerOptions = {}
  ): Promise<FastifyReply> {
    const left = new AbortController();
    reply.raw.once("close", () => left.abort(new Error("nobody waits for it any more")));
    try {
      const context = {model: await currentModel(left.signal), verdicts: "verdict_rows"} as const;
      const quick = quicker?.(context);
      const sql = sqlOf(context);
      reply.header("cache-control", "private, no-cache");
      if (reply.request.headers["if-none-match"] === known.tag(sql)) return reply.code(304).send();
      const {etag, body} = await known.get(sql, most, left.signal, {quick, records: over?.(context), isOurs});
      return reply.header("etag", etag).type("application/json; charset=utf-8").send(body);
    } catch (error) {
      if (error instanceof QueryError)
        return reply.code(400).send({error: `${error.message} (letter ${error.from + 1})`, field: "filter.query"});
      return refuseQuery(reply, error, field);
    }
  }

  async function currentModel(signal: AbortSignal): Promise<string | null> {
    // Its files are hashed once for each state of the lake.
    if (own?.state !== known.state) own = {state: known.state, model: projectModel(project)};
    for (const sql of modelSqls(own.model)) {
      const {body} = await known.get(sql, limits, signal, {isOurs: true});
      const [row] = JSON.parse(String(body)).rows;
      if (row) return row[0];
    }
    return null;
  }
}
