import type {Actor, Scene} from "../configuration.ts";

const agents = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
  "shop-client/2.3"
];

/** `https://www.example:8443` of one of the two web services; the port is left out where it is the usual one. */
export function site({endpoints, random}: Scene, tlsShare = 0.6): string {
  const tls = random.chance(tlsShare);
  const {names, port} = endpoints[tls ? "https" : "http"];
  return `${tls ? "https" : "http"}://${random.pick(names)}${port === (tls ? 443 : 80) ? "" : `:${port}`}`;
}

const objects = (scene: Scene, most: number) =>
  Array.from({length: scene.random.integer(1, most)}, () => `/f/${scene.random.integer(0, 7)}.bin`);

/** A page and what it shows, side by side. */
export const browseParallel: Actor = {
  name: "browse-parallel",
  needs: ["curl"],
  async act(scene) {
    const base = site(scene);
    const urls = ["/", ...objects(scene, 6)].map((path) => base + path);
    await scene.run(["curl", "-sk", "-A", scene.random.pick(agents), "--parallel", "--parallel-max", "3", ...urls]);
  }
};

/** A page and what it shows, one after another over one connection. */
export const browseSerial: Actor = {
  name: "browse-serial",
  needs: ["wget"],
  async act(scene) {
    const base = site(scene);
    const urls = [`/app/item?id=${scene.random.integer(1, 400)}`, ...objects(scene, 3)].map((path) => base + path);
    await scene.run(["wget", "-q", "-t", "1", "-T", "15", "--no-check-certificate", "-O", "/dev/null", ...urls]);
  }
};

/** A few pages of the shop with time to read each, over one connection. */
export const readPages: Actor = {
  name: "read-pages",
  needs: ["curl"],
  async act(scene) {
    const {random} = scene;
    const base = site(scene, 0.5);
    const paths = () =>
      random.pick([`/app/item?id=${random.integer(1, 400)}`, `/app/search?q=${random.word(4)}`, "/app/api"]);
    const urls = Array.from({length: random.integer(2, 8)}, () => base + paths());
    const agent = random.pick(agents);
    await scene.run(["curl", "-sk", "-A", agent, "--rate", `${random.integer(20, 90)}/m`, ...urls], {seconds: 40});
  }
};

/** Logs in, sometimes after a mistyped password. */
export const logIn: Actor = {
  name: "log-in",
  needs: ["curl"],
  async act(scene) {
    const base = site(scene);
    const attempts = scene.random.chance(0.3) ? ["s3cret", "s3cr3t"] : ["s3cr3t"];
    for (const password of attempts) {
      await scene.run(["curl", "-sk", "-d", `user=anna&pass=${password}`, `${base}/app/login`]);
      await scene.pause(scene.random.uniform(0.4, 2));
    }
    await scene.run(["curl", "-sk", `${base}/app/item?id=5`]);
  }
};

export const upload: Actor = {
  name: "upload",
  needs: ["curl"],
  async act(scene) {
    const file = scene.random.pick(["segment.bin", "7.bin", "5.bin", "large.bin"]);
    await scene.run(["curl", "-sk", "-F", `file=@${scene.folder}/files/${file}`, `${site(scene)}/app/upload`], {
      seconds: 30
    });
  }
};

/** Fetches a video piece by piece. */
export const video: Actor = {
  name: "video",
  needs: ["curl"],
  async act(scene) {
    const {random} = scene;
    const base = site(scene, 0.9);
    const urls = Array.from({length: random.integer(3, 9)}, (_, i) => `${base}/f/segment.bin?part=${i}`);
    await scene.run(["curl", "-sk", "--rate", `${random.integer(25, 60)}/m`, ...urls], {seconds: 45});
  }
};

export const download: Actor = {
  name: "download",
  needs: ["curl"],
  async act(scene) {
    const rate = `${scene.random.integer(200, 2500)}k`;
    await scene.run(["curl", "-sk", "--limit-rate", rate, `${site(scene)}/f/large.bin`], {seconds: 40});
  }
};

/** Asks an interface for news at even times, as clients and monitors do: the ordinary neighbour of a beacon. */
export const poll: Actor = {
  name: "poll",
  needs: ["curl"],
  async act(scene) {
    const url = `${site(scene)}/app/api`;
    const seconds = scene.random.pick([1, 2, 3, 5]);
    for (let i = scene.random.integer(4, 12); i > 0 && !scene.over; i--) {
      await scene.run(["curl", "-sk", url]);
      await scene.pause(seconds);
    }
  }
};

/** A build that fetches many small files at once: the ordinary neighbour of a flood. */
export const fetchMany: Actor = {
  name: "fetch-many",
  needs: ["curl"],
  async act(scene) {
    const base = site(scene, 0.5);
    const urls = Array.from({length: scene.random.integer(15, 50)}, (_, i) => `${base}/f/${i % 8}.bin`);
    const agent = scene.random.chance(0.5) ? ["--http1.1"] : ["--http1.0"];
    await scene.run(["curl", "-sk", ...agent, "--parallel", "--parallel-max", "6", ...urls], {seconds: 30});
  }
};
