import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  base: "/dashboard/",
  // Sources, of this package too: nothing has to be built before.
  resolve: { conditions: ["@afoot/source", "module", "browser", "production"] },
  build: {
    target: "es2022",
    emptyOutDir: false,
    // Nothing inline: the page's policy forbids it, and one file is cached as well as the other.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      onLog(level, log, say) {
        // "use client" tells frameworks that render on a server where the client begins; here there is no server.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") say(level, log);
      },
    },
  },
  logLevel: "warn",
});
