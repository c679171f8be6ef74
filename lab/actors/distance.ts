import type {Actor} from "../configuration.ts";
import {site} from "./web.ts";

/** A page over HTTP/3: QUIC with a real client. */
export const browseQuic: Actor = {
  name: "browse-quic",
  needs: ["gtlsclient"],
  async act({endpoints, random, run}) {
    const {quic} = endpoints;
    if (!quic) return;
    const urls = Array.from(
      {length: random.integer(1, 4)},
      () => `https://${quic.names[0]}:${quic.port}/f/${random.integer(0, 7)}.bin`
    );
    await run(["gtlsclient", "-q", "--exit-on-all-streams-close", quic.address, `${quic.port}`, ...urls], {
      seconds: 12
    });
  }
};

/** A page with parts of many hosts, thirty connections at once. */
export const browseWide: Actor = {
  name: "browse-wide",
  needs: ["curl"],
  async act(scene) {
    const urls = Array.from({length: scene.random.integer(10, 30)}, () => {
      scene.choose();
      return `${site(scene)}/f/${scene.random.integer(0, 7)}.bin`;
    });
    await scene.run(
      ["curl", "-sk", "-m", "15", "--parallel", "--parallel-immediate", "--parallel-max", "30", ...urls],
      {seconds: 20}
    );
  }
};

/** The same by way of the network's proxy. */
export const browseByProxy: Actor = {
  name: "browse-by-proxy",
  needs: ["curl"],
  async act(scene) {
    const {proxy, http, https} = scene.endpoints;
    if (!proxy) return;
    const urls = Array.from({length: scene.random.integer(1, 6)}, () => {
      const tls = scene.random.chance(0.6);
      const {address, port} = tls ? https : http;
      return `${tls ? "https" : "http"}://${address}:${port}/f/${scene.random.integer(0, 7)}.bin`;
    });
    await scene.run(["curl", "-sk", "-m", "15", "-x", `http://${proxy.address}:${proxy.port}`, ...urls], {seconds: 25});
  }
};

/** Follows links from page to page, as people do not and crawlers do. */
export const mirror: Actor = {
  name: "mirror",
  needs: ["wget"],
  async act(scene) {
    const wait = `${scene.random.pick([0, 0.1, 0.5])}`;
    const argv = [
      "wget",
      "-q",
      "-r",
      "-l",
      "1",
      "-t",
      "1",
      "-T",
      "8",
      "-w",
      wait,
      "--no-check-certificate",
      "--delete-after"
    ];
    await scene.run([...argv, `${site(scene)}/`], {seconds: scene.random.integer(5, 20)});
  }
};

/** A few clients that ask quickly over kept connections, to see how fast the shop is. */
export const loadTest: Actor = {
  name: "load-test",
  needs: ["hey"],
  async act(scene) {
    const {random} = scene;
    const [clients, each] = [random.integer(1, 6), random.integer(10, 40)];
    const argv = ["hey", "-n", `${clients * each}`, "-c", `${clients}`, "-q", `${random.integer(2, 12)}`];
    await scene.run([...argv, `${site(scene)}/app/api`], {seconds: 20});
  }
};

/** A place that is not there: the connection's first packets stay without an answer. */
export const deadSite: Actor = {
  name: "dead-site",
  needs: ["curl"],
  async act({quarter, random, run}) {
    const urls = Array.from(
      {length: random.integer(1, 3)},
      () => `http://${quarter}.${random.integer(100, 250)}:${random.pick([80, 443, 8080])}/`
    );
    await run(
      ["curl", "-s", "-m", `${random.integer(2, 6)}`, "--parallel", "--retry", `${random.integer(0, 2)}`, ...urls],
      {seconds: 20}
    );
  }
};

/** Asks for the way to a place. */
export const trace: Actor = {
  name: "trace",
  needs: ["traceroute"],
  async act({endpoints, random, run}) {
    const to = random.pick([endpoints.http, endpoints.https, endpoints.ssh]).address;
    await run(["traceroute", "-n", "-w", "1", "-q", "1", "-m", "6", ...random.pick([[], ["-I"]]), to], {seconds: 10});
  }
};
