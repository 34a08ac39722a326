import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { signIn } from "../api/credentials.ts";
import { Page } from "../components/page.tsx";

/** Asks for what the API wants to see. It stays in this tab, and goes with it. */
export function SignInPage({ wasRefused }: { readonly wasRefused: boolean }): ReactNode {
  const [token, setToken] = useState("");
  const client = useQueryClient();
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    // What another was shown is nobody's business.
    client.clear();
    signIn(token.trim());
  };
  return (
    <Page title="Sign in">
      <form className="card sign-in" onSubmit={submit}>
        <p id="token-help">This API answers only those whom it knows. Paste the token or key that you use for it.</p>
        {wasRefused ? (
          <p className="field-fault" role="alert">
            The token was not accepted. It may have expired or been revoked.
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
            It is sent as <code>Authorization: Bearer</code>, to this server alone, and kept until this tab is closed.
          </p>
        </div>
        <button type="submit" className="button button-main">
          Sign in
        </button>
      </form>
    </Page>
  );
}
