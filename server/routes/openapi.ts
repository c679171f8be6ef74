import fastifySwagger from "@fastify/swagger";
import type {FastifyInstance} from "fastify";
import {answers, type Described, fields} from "../schemas.ts";

const openApiSchema: Described = {
  summary: "This description of all routes (OpenAPI 3.1)",
  tags: ["server"],
  querystring: fields({}),
  response: {200: answers.ok}
};

/** `GET /api/openapi.json`: what every route registered after it takes and gives, made from the schemas that check it. */
export const openApiRoutes = Object.assign(
  async (server: FastifyInstance): Promise<void> => {
    await server.register(fastifySwagger, {
      openapi: {
        openapi: "3.1.0",
        info: {
          title: "flowbook",
          description:
            "The notebook server. Every route wants the session: a browser has it as a cookie by the printed link, a program sends it as a bearer.",
          version: "1"
        },
        components: {securitySchemes: {session: {type: "http", scheme: "bearer"}}},
        security: [{session: []}]
      }
    });
    server.get("/api/openapi.json", {schema: openApiSchema}, () => server.swagger());
  },
  // Routes outside of this plugin are described, too.
  {[Symbol.for("skip-override")]: true}
);
