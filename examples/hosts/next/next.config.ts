import type { NextConfig } from "next";

/** Afoot runs as it is installed: its store writes in a thread of its own, which a bundler would not find. */
export default { serverExternalPackages: ["afoot"] } satisfies NextConfig;
