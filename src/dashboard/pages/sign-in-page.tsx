import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { signIn } from "../api/credentials.ts";
import { Page } from "../components/page.tsx";

/** A form for the token. The token is kept until the tab is closed. */
export function SignInPage({ wasRejected }: { readonly wasRejected: boolean }): ReactNode {
  const [token, setToken] = useState("");
  const client = useQueryClient();
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    // Removes cached data of another principal.
    client.clear();
    signIn(token.trim());
  };
  return (
    <Page title="Sign in">
      <form className="card sign-in" onSubmit={submit}>
        <p id="token-help">This API requires authentication. Enter your token or key.</p>
        {wasRejected ? (
          <p className="field-error" role="alert">
            The token was rejected. It may have expired or been revoked.
          </p>
        ) : null}
        <div className="field">
          <label htmlFor="token">Token</label>
          <input
            id="token"
            type="password"
            autoComplete="off"
            spellCheck={false}
            required
            aria-describedby="token-help"
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
          <p className="field-help">
            It is sent as <code>Authorization: Bearer</code> to this server only, and kept until this tab is closed.
          </p>
        </div>
        <button type="submit" className="button button-main">
          Sign in
        </button>
      </form>
    </Page>
  );
}
