import type { NextConfig } from "next";

/** Excludes Afoot from bundling, because its store starts a thread from a file of the package. */
export default { serverExternalPackages: ["afoot"] } satisfies NextConfig;
