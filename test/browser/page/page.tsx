import { useResource } from "afoot/react";
import { type ReactNode, StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

interface Details {
  readonly IPAddress?: string;
}

export interface Follower {
  readonly name: string;
  readonly url: string | null;
  readonly token?: string;
  readonly signal?: AbortSignal;
}

function Resource({ name, url, token = "", signal }: Follower): ReactNode {
  const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
  // Inline options are a new object for each render. They must not restart the following.
  const { state, failure, lastError, cancel, retry, refresh } = useResource<Details>(url, { headers, signal });
  const [refusal, setRefusal] = useState("");
  const refused = (error: unknown): void => {
    setRefusal(error instanceof Error && "code" in error ? String(error.code) : String(error));
  };
  const shown = [
    state?.status ?? "nothing yet",
    ...(state?.progress === undefined ? [] : [`${state.progress * 100}%`]),
    ...(state?.representation.IPAddress === undefined ? [] : [state.representation.IPAddress]),
    ...(state?.settled === true && state.error !== undefined ? [state.error.code] : []),
    ...(failure === undefined ? [] : [failure.name]),
    ...(lastError === undefined ? [] : [`last error: ${lastError.code}`]),
    ...(refusal === "" ? [] : [`refused: ${refusal}`]),
  ];
  return (
    <section aria-label={name}>
      <p role="status">{shown.join(", ")}</p>
      <button onClick={() => void cancel().catch(refused)}>Cancel</button>
      <button onClick={() => void retry().catch(refused)}>Retry</button>
      <button onClick={refresh}>Refresh</button>
    </section>
  );
}

const main = document.createElement("main");
document.body.append(main);
const root = createRoot(main);
const controllers = new Map<string, AbortController>();

/** Shows exactly these components. Called by the test. */
export function show(followers: readonly Omit<Follower, "signal">[]): void {
  const shown = followers.map((follower): Follower => {
    const controller = controllers.get(follower.name) ?? new AbortController();
    controllers.set(follower.name, controller);
    return { ...follower, signal: controller.signal };
  });
  root.render(
    <StrictMode>
      {shown.map((follower) => (
        <Resource key={follower.name} {...follower} />
      ))}
    </StrictMode>,
  );
}

/** Aborts the signal of a component. */
export function end(name: string): void {
  controllers.get(name)?.abort();
}
