import type {FastifyInstance, FastifyRequest} from "fastify";
import {type Described, fields} from "../schemas.ts";
import type {Session} from "../session.ts";

export interface LoginOptions {
  readonly session: Session;
  /** Name of the session cookie. */
  readonly cookie: () => string;
  /** Whether the cookie travels by TLS only. */
  readonly secure: boolean;
  /** Called when the link has been used, with the next one. */
  readonly onLink?: (link: string) => void;
}

const loginSchema: Described = {
  summary: "Opens one browser by the link that was printed",
  tags: ["server"],
  querystring: fields({token: {type: "string", maxLength: 100, description: "the token of the link"}}),
  response: {200: {description: "A page that leads to the notebook"}, 401: {description: "The link has been used"}}
};

/** `GET /login?token=…`: the printed link. It is used up by one visit, and a look at the headers alone is none. */
export async function loginRoutes(server: FastifyInstance, options: LoginOptions): Promise<void> {
  const {session, cookie, secure, onLink} = options;

  server.get(
    "/login",
    {schema: loginSchema, exposeHeadRoute: false},
    (request: FastifyRequest<{Querystring: {token?: string}}>, reply) => {
      const {headers} = request;
      // A browser that fetches ahead has no reader yet.
      const isAhead = /prefetch|prerender/i.test(`${headers["sec-purpose"] ?? ""} ${headers.purpose ?? ""}`);
      const isInvited = !isAhead && session.redeem(request.query.token);
      if (!isInvited && session.judge(request.raw, "/*") !== null)
        return reply.code(401).type("text/plain; charset=utf-8").send("this link has been used: take the newest one\n");
      if (isInvited) onLink?.(session.link());
      const attributes = `Path=/; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
      // Who is known keeps the session that he has.
      if (isInvited) reply.header("set-cookie", `${cookie()}=${session.secret}; ${attributes}`);
      // A redirect would still count as coming from where the link was clicked, and the cookie would stay behind.
      return reply
        .type("text/html; charset=utf-8")
        .send('<!doctype html><title>flowbook</title><meta http-equiv="refresh" content="0;url=/">');
    }
  );
}
