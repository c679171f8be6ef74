import {randomUUID} from "node:crypto";
import type {FastifyInstance, FastifyReply, FastifyRequest} from "fastify";
import * as store from "../../alerts/reviews.ts";
import {incidentLabels, type Reviews} from "../../src/lib/reviews.ts";
import {answers, type Described, fields, type JsonSchema} from "../schemas.ts";

export interface ReviewRouteOptions {
  readonly lake: string;
  /** Wall clock, in ms since 1970. */
  readonly now: () => number;
}

const {text: longestText} = store.reviewLimits;
const text = (description: string): JsonSchema => ({type: "string", maxLength: longestText, description});
const nameOrAddress: JsonSchema = {type: ["string", "null"], pattern: "^[\\w.:-]{1,64}$"};

/** A route about one thing by its id. */
const of = (summary: string, id: JsonSchema, body?: JsonSchema): Described => ({
  summary,
  tags: ["notices"],
  params: fields({id}, ["id"]),
  querystring: fields({}),
  ...(body && {body}),
  response: {200: answers.ok, ...answers.refused}
});

const reviewedId = (one: string): JsonSchema => ({
  type: "string",
  pattern: "^[0-9a-f]{16}$",
  description: `the id of ${one}, 16 hexadecimal digits`
});
const labelBody = fields(
  {
    label: {type: "string", enum: [...incidentLabels], description: "an attack, a false alarm, or unknown"},
    note: text("a note")
  },
  ["label"]
);
const suppressionId: JsonSchema = {type: "string", minLength: 1, maxLength: 64, description: "the id of a suppression"};

const readSchema: Described = {
  summary: "Returns all acknowledgements, comments, labels and suppressions",
  tags: ["notices"],
  querystring: fields({}),
  response: {200: answers.ok}
};

const suppressSchema: Described = {
  summary: "Suppresses incidents and notices of a rule or a class, a source or a destination for some hours",
  tags: ["notices"],
  querystring: fields({}),
  body: fields(
    {
      rule: {...nameOrAddress, pattern: "^[\\w.: -]{1,64}$", description: "a rule's name, or a class"},
      src: {...nameOrAddress, description: "an address"},
      dst: {...nameOrAddress, description: "an address"},
      reason: {...text("why"), minLength: 1},
      hours: {type: "number", minimum: 0.01, maximum: store.longestSuppressionMs / 3_600_000}
    },
    ["reason", "hours"]
  ),
  response: {200: answers.ok, ...answers.refused}
};

interface Suppress {
  readonly rule?: string | null;
  readonly src?: string | null;
  readonly dst?: string | null;
  readonly reason: string;
  readonly hours: number;
}

type OfId<Body> = FastifyRequest<{Params: {id: string}; Body: Body}>;

/**
 * What readers decide about incidents and notices: acknowledge (and take back), comment, label, suppress (and lift). Every change answers with
 * all reviews as they are then; one that cannot be made with 400 and why.
 */
export async function reviewRoutes(server: FastifyInstance, {lake, now}: ReviewRouteOptions): Promise<void> {
  server.get("/api/reviews", {schema: readSchema}, () => store.readReviews(lake));

  for (const {path, one, id} of [
    {path: "/api/notices", one: "a notice", id: reviewedId("a notice")},
    {path: "/api/incidents", one: "an incident", id: reviewedId("an incident")}
  ]) {
    server.post(
      `${path}/:id/acknowledge`,
      {schema: of(`Acknowledges ${one}`, id, fields({note: text("a note")}, [], true))},
      ({params, body}: OfId<{note?: string} | null>, reply) =>
        answer(reply, () => store.acknowledge(lake, params.id, body?.note ?? "", now()))
    );

    server.delete(
      `${path}/:id/acknowledge`,
      {schema: of(`Withdraws the acknowledgement of ${one}`, id)},
      ({params}: OfId<unknown>, reply) => answer(reply, () => store.unacknowledge(lake, params.id))
    );

    server.post(
      `${path}/:id/comments`,
      {schema: of(`Comments on ${one}`, id, fields({text: {...text("a comment"), minLength: 1}}, ["text"]))},
      ({params, body}: OfId<{text: string}>, reply) =>
        answer(reply, () => store.comment(lake, params.id, body.text, now()))
    );
  }

  server.post(
    "/api/incidents/:id/label",
    {schema: of("Labels an incident", reviewedId("an incident"), labelBody)},
    ({params, body}: OfId<{label: string; note?: string}>, reply) =>
      answer(reply, () => store.labelIncident(lake, params.id, body.label, body.note ?? "", now()))
  );

  server.delete(
    "/api/incidents/:id/label",
    {schema: of("Removes the label of an incident", reviewedId("an incident"))},
    ({params}: OfId<unknown>, reply) => answer(reply, () => store.labelIncident(lake, params.id, null, "", now()))
  );

  server.post("/api/suppressions", {schema: suppressSchema}, ({body}: FastifyRequest<{Body: Suppress}>, reply) =>
    answer(reply, () => {
      const {rule = null, src = null, dst = null, reason, hours} = body;
      return store.suppress(lake, {rule, src, dst, reason, untilMs: now() + hours * 3_600_000}, randomUUID(), now());
    })
  );

  server.delete(
    "/api/suppressions/:id",
    {schema: of("Lifts a suppression", suppressionId)},
    ({params}: OfId<unknown>, reply) => answer(reply, () => store.unsuppress(lake, params.id))
  );
}

async function answer(reply: FastifyReply, change: () => Promise<Reviews>): Promise<FastifyReply> {
  try {
    return reply.send(await change());
  } catch (error) {
    if (!(error instanceof store.ReviewRefused)) throw error;
    return reply.code(400).send({error: error.message});
  }
}
