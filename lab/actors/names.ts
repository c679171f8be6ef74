import type {Actor} from "../configuration.ts";

/** Looks up names that exist and names that do not, of several types. */
export const lookUp: Actor = {
  name: "look-up",
  needs: ["dig"],
  async act(scene) {
    const {dns, http, https, smtp} = scene.endpoints;
    for (let i = scene.random.integer(1, 5); i > 0; i--) {
      const known = scene.random.pick([...http.names, ...https.names, ...smtp.names]);
      const name = scene.random.chance(0.75) ? known : `${scene.random.word(scene.random.integer(3, 12))}.${known}`;
      const type = scene.random.pick(["A", "A", "AAAA", "MX", "TXT"]);
      await scene.run(["dig", "+tries=1", "+time=2", `-p${dns.port}`, `@${dns.address}`, name, type], {seconds: 5});
      await scene.pause(scene.random.uniform(0, 0.4));
    }
  }
};
