import Fastify, {type FastifyError, type FastifyInstance} from "fastify";
import {type SchemaFault, wordsOf} from "./schemas.ts";

/** Bodies of everything but captures. */
const bodyLimit = 64 * 1024;
/** Connections at once; what has not sent its headers after ten seconds is closed. */
const mostConnections = 2048;
/** A connection on which nothing moves; streams of events send something every second. */
const idleMs = 150_000;
/** A capture may take long to come over a slow line. */
const requestMs = 3_600_000;
const headersMs = 10_000;

/** A server without routes: checks what comes in by the routes' schemas, and says of what it refuses which field is wrong. */
export function createHttp(): FastifyInstance {
  const server = Fastify({
    forceCloseConnections: true,
    // What is started and ended has limits of its own. With the default of 10 s, `close` failed on a busy machine.
    pluginTimeout: 0,
    trustProxy: false,
    bodyLimit,
    connectionTimeout: idleMs,
    requestTimeout: requestMs,
    http: {headersTimeout: headersMs, connectionsCheckingInterval: 2000},
    routerOptions: {maxParamLength: 200},
    ajv: {
      // Values are taken as they are: 7 is no text, and a field that nobody knows is a mistake.
      customOptions: {coerceTypes: false, removeAdditional: false, verbose: true, allowUnionTypes: true}
    },
    schemaErrorFormatter([fault], part) {
      const {message, field} = wordsOf(fault as SchemaFault, part === "querystring" ? "query" : part);
      return Object.assign(new Error(message), {statusCode: 400, field});
    }
  });
  // JSON is the only text: a page of another site could send any other without asking first.
  server.removeContentTypeParser("text/plain");
  server.server.maxConnections = mostConnections;
  // Schemas of answers are documentation; what is sent is what a handler gives.
  server.setSerializerCompiler(() => (data) => JSON.stringify(data));
  server.setErrorHandler((error: FastifyError & {field?: string}, _request, reply) => {
    const {statusCode = 500, field} = error;
    return reply.code(statusCode).send({error: wordsFor(error), ...(field === undefined ? {} : {field})});
  });
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.slice(0, 200);
    return reply.code(404).send({error: `there is no ${request.method} ${path}`});
  });
  return server;
}

function wordsFor({code, message}: FastifyError): string {
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return `body: expected ${bodyLimit.toLocaleString("en")} bytes at most`;
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return "body: expected the content type application/json";
  if (code === "FST_ERR_CTP_EMPTY_JSON_BODY" || code === "FST_ERR_CTP_INVALID_JSON_BODY" || code === "ERR_INVALID_JSON")
    return `body: expected JSON, ${message}`;
  return message;
}
