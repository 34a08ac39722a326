interface Challenging {
  readonly challenge?: string | undefined;
  readonly authenticate?: { readonly challenge?: string } | undefined;
}

/**
 * The `WWW-Authenticate` of a 401. To who sent a bearer token it says that this one is not valid; whether it was known, expired or
 * made up, it says to nobody.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export function challengeOf(options: Challenging, authorization: string | undefined): string {
  const challenge = declaredChallenge(options);
  if (!/^Bearer /i.test(authorization ?? "")) return challenge;
  return challenge.replace(/^Bearer( (?=[a-z]+=))?/i, (_, more: string | undefined) =>
    more === undefined ? 'Bearer error="invalid_token"' : 'Bearer error="invalid_token", ',
  );
}

/** The schemes that a 401 asks for, in lower case. */
export function schemesOf(options: Challenging): readonly string[] {
  const parts = declaredChallenge(options).split(/,\s*/);
  const schemes = parts.map((part) => /^([^\s=]+)(?:\s|$)/.exec(part)?.[1]?.toLowerCase());
  return [...new Set(schemes.filter((scheme) => scheme !== undefined))];
}

function declaredChallenge({ challenge, authenticate }: Challenging): string {
  return challenge ?? authenticate?.challenge ?? "Bearer";
}
