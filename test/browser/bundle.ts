import { join } from "node:path";
import { build } from "esbuild";

const FOLDER = join(import.meta.dirname, "page");

/** Bundles a module as a page's script. Its exports are the global `page`. */
export async function bundled(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: FOLDER, loader: "tsx" },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "page",
    platform: "browser",
    target: "es2022",
    jsx: "automatic",
    // Only the development build of React warns of misuse.
    define: { "process.env.NODE_ENV": '"development"' },
    conditions: ["@afoot/source"],
  });
  const [script] = outputFiles;
  if (script === undefined) throw new Error("esbuild gave no script");
  return script.text;
}
