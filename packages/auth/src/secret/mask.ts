const mask = '*****';

/** What stands for a text that cannot be masked. */
const withheld = 'the message is withheld because it may contain a token that cannot be masked';

/**
 * The text with every literal occurrence of the token replaced by `*****`; an empty token leaves the text alone; when
 * the token is not valid UTF-8 the whole text is withheld (RTM-301).
 */
export function maskToken(text: string, token: string | Uint8Array): string {
  let secret: string;
  try {
    secret =
      typeof token === 'string' ? token : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(token);
  } catch {
    return withheld;
  }
  return secret === '' ? text : text.replaceAll(secret, () => mask);
}

/** An error like `error` whose message is masked; its stack and causes, which may repeat the token, are left behind. */
export function maskError(error: unknown, token: string | Uint8Array): Error {
  const text = error instanceof Error ? error.message : String(error);
  const masked = new Error(maskToken(text, token));
  if (error instanceof Error) masked.name = error.name;
  return masked;
}
