import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";
import { createQueries } from "./api/queries.ts";
import { App } from "./app.tsx";
// oxlint-disable-next-line import/no-unassigned-import -- how a bundler is told of styles
import "./styles/index.css";

const place = document.querySelector("#page");
if (place === null) throw new Error("index.html has no #page");

createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={createQueries()}>
      <Router base="/dashboard">
        <App />
      </Router>
    </QueryClientProvider>
  </StrictMode>,
);
