const telling =
  /(?:^|[_.-])(?:secret|token|passw(?:or)?d|passphrase|pwd|api_?key|apikey|private_?key|access_?key|signing_?key|credentials?)(?:$|[_.-])/i;

/** Forms that issuers give their secrets, so that tools can find them. */
const known: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\bgh[oprsu]_[0-9A-Za-z]{36,}\b/,
  /\bgithub_pat_\w{22,}\b/,
  /\bglpat-[\w-]{20,}/,
  /\bxox[abeprs]-[\w-]{10,}/,
  /\b[rs]k_live_[0-9A-Za-z]{16,}\b/,
  /\bAIza[\w-]{35}\b/,
  /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/,
  /\bnpm_[0-9A-Za-z]{36}\b/,
  /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i,
];

/** Shorter texts are not random enough to tell from words. */
const randomLength = 24;
/** Bits per character above which a text is hardly a word; hexadecimal text has at most 4. */
const randomBits = 3.5;

/**
 * Whether a literal looks as if it should not be public: by the name it has, the form its issuer gave it, or its
 * randomness. A guess; it never says what it saw.
 */
export function looksLikeSecret(name: string, value: string): boolean {
  if (known.some((form) => form.test(value))) return true;
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2');
  if (telling.test(words)) return value.length >= 6 && !isPlainWord(value);
  return (
    value.length >= randomLength &&
    /^[0-9A-Za-z+/=_-]+$/.test(value) &&
    isMixed(value) &&
    entropy(value) >= randomBits
  );
}

/** `API_KEY: none`, a host or a URL gives nothing away. */
function isPlainWord(value: string): boolean {
  return /^(?:[a-z]+:\/\/\S+|(?:none|null|true|false|default|disabled|enabled|placeholder|changeme|example)|[\w-]+(?:\.[\w-]+)+|\$\{.*\}|<.*>)$/i.test(
    value,
  );
}

/** Letters and digits in one; words and numbers alone are not random. */
function isMixed(value: string): boolean {
  return /\d/.test(value) && /[A-Za-z]/.test(value) && !/^[a-z]+(?:[-_][a-z0-9]+)*$/.test(value);
}

/** Shannon entropy, bits per character. */
function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => {
    const share = count / value.length;
    return sum - share * Math.log2(share);
  }, 0);
}
