import type { ResourceType } from "../../core/definition/resource-type.ts";
import { DefinitionError } from "../../core/errors.ts";
import type { Mount } from "../http/mount.ts";
import { openapiDocument } from "../openapi/document.ts";
import { dashboardPages } from "./dashboard-page.ts";
import { docsPages } from "./docs-page.ts";
import { healthPages, type PartStatus } from "./health-pages.ts";
import { metricsPage } from "./metrics-page.ts";
import { mountPages, type PageApp } from "./page-handler.ts";

export interface HealthOptions {
  /** Path prefix of the pages, such as `/internal`. @default "" */
  readonly prefix?: string;
}

export interface PagesOptions extends HealthOptions {
  /** Serves the dashboard at `/dashboard`. @default the option `dashboard` of the app */
  readonly dashboard?: boolean;
  /** Serves the OpenAPI document at `/openapi.json`, and its reference at `/docs`. @default true */
  readonly docs?: boolean;
  /** Serves the metrics of the process at `/metrics`. @default false */
  readonly metrics?: boolean;
}

/** The part of an app that its pages show. */
export interface PagedApp extends PageApp {
  readonly types: readonly ResourceType[];
  readonly metrics: () => Promise<string>;
  readonly status: () => Promise<readonly PartStatus[]>;
}

/** Creates the pages of an app. @throws DefinitionError for an invalid prefix */
export function createPages(app: PagedApp, given: PagesOptions = {}): Mount {
  const prefix = parsePrefix("app.pages", given.prefix);
  const { dashboard = app.options.dashboard, docs = true, metrics = false } = given;
  const pages = [
    // Public, because the page contains no data: without credentials it shows only the sign-in form.
    ...(dashboard ? dashboardPages({ app, prefix }) : []),
    ...(docs ? docsPages(() => openapiDocument(app)) : []),
    ...(metrics ? [metricsPage(app.metrics)] : []),
  ];
  return mountPages(pages, app, prefix);
}

/** Creates `/livez` and `/readyz`. @throws DefinitionError for an invalid prefix */
export function createHealthPages(app: PagedApp, given: HealthOptions = {}): Mount {
  return mountPages(healthPages(app), app, parsePrefix("app.health", given.prefix));
}

function parsePrefix(caller: string, prefix = ""): string {
  if (/^(?:\/[A-Za-z0-9._~-]+)*$/.test(prefix)) return prefix;
  throw new DefinitionError(
    `${caller}: prefix: ${JSON.stringify(prefix)} is invalid; start it with a slash and end it without, such as "/internal"`,
  );
}
