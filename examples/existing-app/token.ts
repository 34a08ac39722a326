// Prints a token for trials, as the login of the application would return it: node token.ts USER TENANT
import { SignJWT } from "jose";
import { secret } from "./secret.ts";

const [user = "ann", tenant = "north"] = process.argv.slice(2);
const token = new SignJWT({ tenant }).setProtectedHeader({ alg: "HS256" }).setSubject(user).setExpirationTime("1h");
console.log(await token.sign(new TextEncoder().encode(secret)));
