import { isGeneratedSecret, SECRET_PREFIX } from '../secrets/generated-secret.ts'

/** What went wrong on a secret's way here, where that can be told without knowing the secret. */
export type SecretFlaw = 'form_encoded_twice' | 'blank_around' | 'cut' | 'checksum'

/**
 * What is wrong with a text that should be a secret of ours; `undefined` where it has nothing of one.
 *
 * It names one of four flaws and nothing of the text.
 */
export function secretFlaw(text: string): SecretFlaw | undefined {
  if (isGeneratedSecret(decoded(text))) return 'form_encoded_twice'
  if (isGeneratedSecret(text.trim())) return 'blank_around'
  if (!text.startsWith(SECRET_PREFIX)) return undefined
  return text.length < WHOLE ? 'cut' : 'checksum'
}

/** Characters of a generated secret. */
const WHOLE = 54

function decoded(text: string): string {
  try {
    return text.includes('%') ? decodeURIComponent(text) : ''
  } catch {
    return ''
  }
}
