import { it } from "node:test";
import { checkPoison } from "./poison.ts";

for (const way of ["loop", "memory", "rejection"] as const) {
  it(`costs nobody but itself: ${way}`, (context) => checkPoison(way, context));
}
