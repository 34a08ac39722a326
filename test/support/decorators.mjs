// Lets Node run a file with the decorators of TypeScript, as a build does: node --import ./test/support/decorators.mjs server.ts
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";

registerHooks({
  load(url, context, nextLoad) {
    if (!url.includes("/examples/hosts/nest/")) return nextLoad(url, context);
    const tsconfigRaw = { compilerOptions: { experimentalDecorators: true } };
    const { code } = transformSync(readFileSync(fileURLToPath(url), "utf8"), {
      loader: "ts",
      format: "esm",
      tsconfigRaw,
    });
    return { format: "module", shortCircuit: true, source: code };
  },
});
