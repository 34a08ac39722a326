import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";
import { createQueryClient } from "./api/queries.ts";
import { App } from "./app.tsx";
// oxlint-disable-next-line import/no-unassigned-import -- the bundler collects the styles
import "./styles/index.css";

/** Path of the page. */
const PAGE = document.querySelector<HTMLMetaElement>('meta[name="afoot-page"]')?.content ?? "/dashboard";

const root = document.querySelector("#page");
if (root === null) throw new Error("index.html has no #page");

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={createQueryClient()}>
      <Router base={PAGE}>
        <App />
      </Router>
    </QueryClientProvider>
  </StrictMode>,
);
