import { AfootError, type AfootErrorOptions } from "../../core/errors.ts";

/** Credentials cannot be checked at the moment. The response is 503; the message only goes to the log. */
export class AuthenticationUnavailableError extends AfootError {
  override readonly name = "AuthenticationUnavailableError";

  constructor(message: string, options?: AfootErrorOptions) {
    super("authentication-unavailable", message, options);
  }
}
