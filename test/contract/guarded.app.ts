import { createApp } from "afoot";
import { machine } from "./types.ts";

/** An app that accepts a single bearer token. */
export default createApp({
  resources: [machine],
  authenticate: ({ headers }) => (headers.get("authorization") === "Bearer letmein" ? { id: "me" } : null),
});
