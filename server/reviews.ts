import {randomUUID} from "node:crypto";
import type {FastifyInstance, FastifyReply, FastifyRequest} from "fastify";
import * as store from "../alerts/reviews.ts";
import type {Reviews} from "../src/lib/reviews.ts";

export interface ReviewRouteOptions {
  readonly lake: string;
  /** Wall clock, in ms since 1970. */
  readonly now: () => number;
}

type Body<T extends string> = Readonly<Partial<Record<T, unknown>>> | null;
type OfNotice<T extends string> = FastifyRequest<{Params: {id: string}; Body: Body<T>}>;

/**
 * What readers decide about incidents and notices: acknowledge (and take back), comment, label, suppress (and lift). Every change answers with
 * all reviews as they are then; one that cannot be made with 400 and why.
 */
export async function reviewRoutes(server: FastifyInstance, {lake, now}: ReviewRouteOptions): Promise<void> {
  server.get("/api/reviews", () => store.readReviews(lake));

  for (const kind of ["notices", "incidents"]) {
    server.post(`/api/${kind}/:id/acknowledge`, ({params, body}: OfNotice<"note">, reply) =>
      answer(reply, () => store.acknowledge(lake, params.id, textOf(body?.note ?? ""), now()))
    );

    server.delete(`/api/${kind}/:id/acknowledge`, ({params}: OfNotice<never>, reply) =>
      answer(reply, () => store.unacknowledge(lake, params.id))
    );

    server.post(`/api/${kind}/:id/comments`, ({params, body}: OfNotice<"text">, reply) =>
      answer(reply, () => store.comment(lake, params.id, textOf(body?.text), now()))
    );
  }

  server.post("/api/incidents/:id/label", ({params, body}: OfNotice<"label" | "note">, reply) =>
    answer(reply, () => store.labelIncident(lake, params.id, textOf(body?.label), textOf(body?.note ?? ""), now()))
  );

  server.delete("/api/incidents/:id/label", ({params}: OfNotice<never>, reply) =>
    answer(reply, () => store.labelIncident(lake, params.id, null, "", now()))
  );

  server.post(
    "/api/suppressions",
    ({body}: FastifyRequest<{Body: Body<"rule" | "src" | "dst" | "reason" | "hours">}>, reply) =>
      answer(reply, () => {
        const maybe = (value: unknown) => (value === undefined || value === null ? null : textOf(value));
        const untilMs = now() + Number(body?.hours) * 3_600_000;
        const [rule, src, dst] = [maybe(body?.rule), maybe(body?.src), maybe(body?.dst)];
        return store.suppress(lake, {rule, src, dst, reason: textOf(body?.reason), untilMs}, randomUUID(), now());
      })
  );

  server.delete("/api/suppressions/:id", ({params}: OfNotice<never>, reply) =>
    answer(reply, () => store.unsuppress(lake, params.id))
  );
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw new store.ReviewRefused("expected a text");
  return value;
}

async function answer(reply: FastifyReply, change: () => Promise<Reviews>): Promise<FastifyReply> {
  try {
    return reply.send(await change());
  } catch (error) {
    if (!(error instanceof store.ReviewRefused)) throw error;
    return reply.code(400).send({error: error.message});
  }
}
