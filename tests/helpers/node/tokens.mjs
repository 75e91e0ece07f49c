// Sign or verify with jose. Standard input: {"act": "sign" | "verify", "algorithm", "key", and "claims" or "token"};
// "key" is the text of a secret, or PEM. Standard output: {"token"}, {"claims", "header"}, or {"refused": code}.
import { importPKCS8, importSPKI, jwtVerify, SignJWT } from "jose";
import { readFileSync, writeSync } from "node:fs";

const job = JSON.parse(readFileSync(0, "utf8"));

async function keyOf({ key, algorithm }) {
  if (algorithm.startsWith("HS")) return new TextEncoder().encode(key);
  return key.includes("PRIVATE KEY") ? importPKCS8(key, algorithm) : importSPKI(key, algorithm);
}

async function sign({ claims, algorithm }, key) {
  return { token: await new SignJWT(claims).setProtectedHeader({ alg: algorithm, typ: "JWT" }).sign(key) };
}

async function verify({ token, algorithm }, key) {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, key, { algorithms: [algorithm] });
    return { claims: payload, header: protectedHeader };
  } catch (error) {
    if (!error.code?.startsWith("ERR_J")) throw error;
    return { refused: error.code };
  }
}

const key = await keyOf(job);
writeSync(1, JSON.stringify(await (job.act === "sign" ? sign(job, key) : verify(job, key))));
