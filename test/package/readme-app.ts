import { readFileSync } from "node:fs";

/** Returns the app of the README: the first `ts` block that begins with its file name. */
export function readmeApp(): string {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const app = /^```ts\n(\/\/ app\.ts\n[^]*?)^```$/mu.exec(readme)?.[1];
  if (app === undefined) throw new Error("README.md has no ```ts block that begins with the line // app.ts");
  return app;
}
