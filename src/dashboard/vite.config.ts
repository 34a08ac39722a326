import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  // Relative, because a proxy may serve the page under a prefix.
  base: "./",
  // Resolves this package to its sources, so that it need not be built first.
  resolve: { conditions: ["@afoot/source", "module", "browser", "production"] },
  build: {
    target: "es2022",
    emptyOutDir: false,
    // The Content-Security-Policy of the page forbids inline assets.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      onLog(level, log, report) {
        // "use client" matters only to frameworks with server rendering.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") report(level, log);
      },
    },
  },
  logLevel: "warn",
});
