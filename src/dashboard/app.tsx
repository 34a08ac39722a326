import { type ReactNode, Suspense, lazy } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { signOut, useCredentials } from "./api/credentials.ts";
import { Announcer } from "./components/announcer.tsx";
import { CreatePage } from "./pages/create-page.tsx";
import { EditPage } from "./pages/edit-page.tsx";
import { NotFoundPage } from "./pages/not-found-page.tsx";
import { ResourcePage } from "./pages/resource-page.tsx";
import { ResourcesPage } from "./pages/resources-page.tsx";
import { SignInPage } from "./pages/sign-in-page.tsx";

const OverviewPage = lazy(async () => import("./pages/overview-page.tsx"));

/** The frame of every page: header, navigation and content. */
export function App(): ReactNode {
  const { token, isNeeded } = useCredentials();
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <div className="top-inside">
          <Link href="/" className="brand">
            <Brand />
            Afoot
          </Link>
          {isNeeded ? null : <Navigation />}
          {token !== "" && !isNeeded ? (
            <button type="button" className="button button-quiet" onClick={signOut}>
              Sign out
            </button>
          ) : null}
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {isNeeded ? <SignInPage wasRejected={token !== ""} /> : <Pages />}
      </main>
      <Announcer />
    </>
  );
}

const NAVIGATION_LINKS = [
  ["/", "Resources"],
  ["/overview", "Overview"],
] as const;

function Navigation(): ReactNode {
  const [location] = useLocation();
  return (
    <nav aria-label="Main">
      <ul>
        {NAVIGATION_LINKS.map(([href, name]) => (
          <li key={href}>
            <Link href={href} {...(location === href ? { "aria-current": "page" as const } : {})}>
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Pages(): ReactNode {
  return (
    <Suspense fallback={null}>
      <Switch>
        <Route path="/">
          <ResourcesPage />
        </Route>
        <Route path="/overview">
          <OverviewPage />
        </Route>
        <Route path="/new/:path">{({ path }) => <CreatePage key={path} path={path} />}</Route>
        <Route path="/edit/:path/:id">{({ path, id }) => <EditPage key={`${path}/${id}`} path={path} id={id} />}</Route>
        <Route path="/resources/:path/:id">
          {({ path, id }) => <ResourcePage key={`${path}/${id}`} path={path} id={id} />}
        </Route>
        <Route>
          <NotFoundPage />
        </Route>
      </Switch>
    </Suspense>
  );
}

function Brand(): ReactNode {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="currentColor" />
      <path d="M7 21.5h7.5M7 16h12M7 10.5h18" stroke="var(--ground)" strokeWidth="3" strokeLinecap="round" />
      <circle cx="22.5" cy="21.5" r="3" fill="var(--ground)" />
    </svg>
  );
}
