import {PassThrough} from "node:stream";
import type {FastifyInstance, FastifyReply, FastifyRequest} from "fastify";
import {type ExportFormat, exportFormats, exportRows} from "../loaders/export/export.ts";
import {jsonObject} from "../loaders/export/text-formats.ts";
import {openLake, QueryLimit} from "../loaders/lake/duckdb.ts";

/** Limits of a query from a page; an export has its time alone, since its rows are never all in memory. */
export interface QueryLimits {
  readonly rows: number;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Queries and exports at once. */
  readonly atOnce: number;
}

export const queryLimits: QueryLimits = {rows: 10_000, timeoutMs: 10_000, memoryMb: 512, atOnce: 4};

const contentTypes: Readonly<Record<ExportFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  json: "application/json; charset=utf-8",
  ndjson: "application/x-ndjson; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
  arrow: "application/vnd.apache.arrow.stream"
};

/** `POST /api/query {sql}` and `GET /api/flows?format=csv&where=…`: both read the lake and can do nothing else. */
export async function queryRoutes(server: FastifyInstance, {lake, limits}: {lake: string; limits: QueryLimits}) {
  let running = 0;

  server.post("/api/query", (request: FastifyRequest<{Body: {sql?: unknown} | null}>, reply) => {
    const sql = request.body?.sql;
    if (typeof sql !== "string") return reply.code(400).send({error: "expected {sql: text}"});
    return inTurn(reply, async () => {
      const {rows: maxRows, timeoutMs, memoryMb} = limits;
      const engine = await openLake(lake, {maxRows, timeoutMs, memoryMb});
      try {
        const {columns, rows} = await engine.query(sql);
        return await reply.send({columns, rows: rows.map((row) => jsonObject(row, columns))});
      } finally {
        await engine.close();
      }
    });
  });

  server.get("/api/flows", (request: FastifyRequest<{Querystring: {format?: string; where?: string}}>, reply) => {
    const {format = "csv", where} = request.query;
    if (!isFormat(format)) return reply.code(400).send({error: `format: expected ${exportFormats.join(", ")}`});
    // On lines of its own, so that a comment at its end does not reach further.
    const sql = `SELECT * FROM flows ${where ? `WHERE (\n${where}\n)` : ""} ORDER BY ts_start, flow_id`;
    return inTurn(reply, async () => {
      const to = new PassThrough();
      const exported = exportRows({lake, sql, format, to, options: {memoryMb: limits.memoryMb}});
      // A statement that is wrong fails before its first byte; after it only the connection can tell.
      await Promise.race([new Promise((begun) => to.once("readable", begun)), exported]);
      exported.then(
        () => to.end(),
        (error) => to.destroy(error)
      );
      await reply
        .type(contentTypes[format])
        .header("content-disposition", `attachment; filename="flows.${format}"`)
        .send(to);
      await exported.catch(() => undefined);
      return reply;
    });
  });

  async function inTurn(reply: FastifyReply, work: () => Promise<FastifyReply>): Promise<FastifyReply> {
    if (running >= limits.atOnce) return reply.code(429).send({error: `${limits.atOnce} queries run already`});
    running++;
    try {
      return await work();
    } catch (error) {
      if (reply.sent) throw error;
      const status = error instanceof QueryLimit ? 422 : 400;
      return reply.code(status).send({error: (error as Error).message});
    } finally {
      running--;
    }
  }
}

const isFormat = (name: string): name is ExportFormat => (exportFormats as readonly string[]).includes(name);
