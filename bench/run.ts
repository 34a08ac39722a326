// npm run bench [-- http] [-- estimates] [-- held]: one part, or all of them one after the other.
const PARTS = {
  http: () => import("./http.ts"),
  estimates: () => import("./estimates/run.ts"),
  held: () => import("./held/run.ts"),
} satisfies Record<string, () => Promise<unknown>>;

function isPart(name: string): name is keyof typeof PARTS {
  return Object.hasOwn(PARTS, name);
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !isPart(name));
if (unknown.length > 0) {
  console.error(`there is no part ${unknown.join(", ")}; there are ${Object.keys(PARTS).join(", ")}`);
  process.exit(2);
}
for (const name of asked.length === 0 ? Object.keys(PARTS) : asked) {
  if (isPart(name)) await PARTS[name]();
}
