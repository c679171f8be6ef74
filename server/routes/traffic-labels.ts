import type {FastifyInstance, FastifyReply, FastifyRequest} from "fastify";
import {ReviewRefused, reviewLimits} from "../../alerts/reviews.ts";
import * as store from "../../alerts/traffic-labels.ts";
import {verdictClasses} from "../../schema/verdicts.ts";
import type {TrafficLabel} from "../../src/lib/traffic-labels.ts";
import {answers, type Described, fields, type JsonSchema} from "../schemas.ts";
import type {ReviewRouteOptions} from "./reviews.ts";

const time = (description: string): JsonSchema => ({
  type: ["integer", "null"],
  minimum: 0,
  maximum: 2 ** 53 - 1,
  description
});
const described = (summary: string, more: Partial<Described> = {}): Described => ({
  summary,
  tags: ["training"],
  querystring: fields({}),
  response: {200: answers.ok, ...answers.refused},
  ...more
});

const labelBody = fields(
  {
    class: {type: "string", enum: [...verdictClasses], description: "what the traffic is"},
    host: {
      type: ["string", "null"],
      pattern: "^[0-9a-fA-F.:]{2,45}$",
      description: "the address that began the flows; null: any"
    },
    from: time("flows that began from then on, µs since 1970 (packet time)"),
    to: time("flows that began before then"),
    note: {type: "string", maxLength: reviewLimits.text, description: "a note"}
  },
  ["class"]
);
const id: JsonSchema = {type: "string", pattern: "^[0-9a-f]{16}$", description: "the id of a label"};

interface LabelBody {
  readonly class: string;
  readonly host?: string | null;
  readonly from?: number | null;
  readonly to?: number | null;
  readonly note?: string;
}

/** What readers say that hosts and stretches of time are, to train on. Every change answers with all labels. */
export async function trafficLabelRoutes(server: FastifyInstance, {lake, now}: ReviewRouteOptions): Promise<void> {
  server.get("/api/traffic-labels", {schema: described("Returns all labels of traffic")}, () => ({
    labels: store.readTrafficLabels(lake)
  }));

  server.post(
    "/api/traffic-labels",
    {schema: described("Labels the flows that a host began in a stretch of time", {body: labelBody})},
    ({body}: FastifyRequest<{Body: LabelBody}>, reply) => {
      const {class: named, host = null, from: fromUs = null, to: toUs = null, note = ""} = body;
      return answer(reply, () => store.labelTraffic(lake, {class: named, host, fromUs, toUs, note}, now()));
    }
  );

  server.delete(
    "/api/traffic-labels/:id",
    {schema: described("Removes a label of traffic", {params: fields({id}, ["id"])})},
    ({params}: FastifyRequest<{Params: {id: string}}>, reply) =>
      answer(reply, () => store.unlabelTraffic(lake, params.id))
  );
}

async function answer(reply: FastifyReply, change: () => Promise<readonly TrafficLabel[]>): Promise<FastifyReply> {
  try {
    return reply.send({labels: await change()});
  } catch (error) {
    if (!(error instanceof ReviewRefused)) throw error;
    return reply.code(400).send({error: error.message});
  }
}
