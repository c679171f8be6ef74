// npm's lock without one package of the root and what only that one needs, as plain data.

/** `more`: what the root needs instead, by name; it must be in the lock already. */
export function withoutPackage(lock, name, more = {}) {
  const {packages} = lock;
  const own = packages[""];
  const {[name]: left, ...rest} = own.dependencies;
  const root = {...own, dependencies: {...rest, ...more}};
  const needed = new Set();
  const follow = (place, entry) => {
    const names = {...entry.dependencies, ...entry.optionalDependencies, ...entry.peerDependencies};
    for (const wanted of Object.keys(place === "" ? {...names, ...entry.devDependencies} : names)) {
      const found = placesOf(place, wanted).find((path) => path in packages);
      if (found === undefined || needed.has(found)) continue;
      needed.add(found);
      follow(found, packages[found]);
    }
  };
  follow("", root);
  const kept = Object.entries(packages).filter(
    ([path, {inBundle}]) => needed.has(path) || (inBundle && isWithin(path))
  );
  function isWithin(path) {
    return [...needed].some((place) => path.startsWith(`${place}/`));
  }
  return {...lock, packages: {"": root, ...Object.fromEntries(kept)}};
}

/** Where Node looks for a package that another one asks for: below it, then beside it, then further up. */
function placesOf(place, name) {
  const parts = place === "" ? [] : place.split("/node_modules/");
  const above = parts.map((_, k) => `${parts.slice(0, parts.length - k).join("/node_modules/")}/node_modules/${name}`);
  return [...above, `node_modules/${name}`];
}
