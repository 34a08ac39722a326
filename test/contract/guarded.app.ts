import { createApp } from "afoot";
import { machine } from "./types.ts";

/** An app that answers one bearer alone. */
export default createApp({
  resources: [machine],
  authenticate: ({ headers }) => (headers.get("authorization") === "Bearer letmein" ? { id: "me" } : null),
});
